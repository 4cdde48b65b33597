const token = /\s*(\d+|<=|>=|==|!=|&&|\|\||[-+*/%()<>!])/y;
const levels: readonly (readonly string[])[] = [["||"], ["&&"], ["==", "!="], ["<", "<=", ">", ">="], ["+", "-"], ["*", "/", "%"]];

/** Evaluates a shell arithmetic expression whose variables are expanded already; undefined for an invalid one. */
export function evaluateArithmetic(text: string): number | undefined {
  const tokens: string[] = [];
  const whole = text.trimEnd();
  for (token.lastIndex = 0; token.lastIndex < whole.length;) {
    const [, found] = token.exec(whole) ?? [];
    if (found === undefined) return undefined;
    tokens.push(found);
  }
  let at = 0;
  const unary = (depth: number): number | undefined => {
    if (depth > 50) return undefined;
    const first = tokens[at];
    at += 1;
    if (first === "(") {
      const inner = binary(0, depth + 1);
      at += 1;
      return tokens[at - 1] === ")" ? inner : undefined;
    }
    if (first === "-" || first === "+" || first === "!") {
      const value = unary(depth + 1);
      return value === undefined ? undefined : first === "!" ? Number(value === 0) : first === "-" ? -value : value;
    }
    return first !== undefined && /^\d/.test(first) ? Number(first) : undefined;
  };
  const binary = (level: number, depth: number): number | undefined => {
    if (level === levels.length) return unary(depth);
    let left = binary(level + 1, depth);
    for (;;) {
      const operator = tokens[at] ?? "";
      if (levels[level]?.includes(operator) !== true) return left;
      at += 1;
      const right = binary(level + 1, depth);
      left = left === undefined || right === undefined ? undefined : apply(operator, left, right);
    }
  };
  const result = binary(0, 0);
  return at === tokens.length ? result : undefined;
}

function apply(operator: string, left: number, right: number): number | undefined {
  switch (operator) {
    case "||":
      return Number(left !== 0 || right !== 0);
    case "&&":
      return Number(left !== 0 && right !== 0);
    case "==":
      return Number(left === right);
    case "!=":
      return Number(left !== right);
    case "<":
      return Number(left < right);
    case "<=":
      return Number(left <= right);
    case ">":
      return Number(left > right);
    case ">=":
      return Number(left >= right);
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
  }
  if (right === 0) return undefined;
  return operator === "/" ? Math.trunc(left / right) : left % right;
}
