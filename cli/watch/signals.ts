/** Calls `first` at the first SIGTERM or SIGINT, and `further` at each other one, until the process ends. */
export function onStopSignals(first: (signal: NodeJS.Signals) => void, further: (signal: NodeJS.Signals) => void): void {
  let seen = 0;
  const listener = (signal: NodeJS.Signals): void => {
    seen += 1;
    if (seen === 1) first(signal);
    else further(signal);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, listener);
}
