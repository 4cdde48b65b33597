// Asks go-vex, by which trivy and grype read OpenVEX, about a document. Lines of standard input are a vulnerability, a product and a part
// of it or "-"; each is answered with the status of the newest statement that matches, or "-".
package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"github.com/openvex/go-vex/pkg/vex"
)

func main() {
	document, err := vex.Open(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, statement := range document.Statements {
		if err := statement.Validate(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		part := strings.TrimPrefix(fields[2], "-")
		status := vex.Status("-")
		// The oldest first.
		for _, match := range document.Matches(fields[0], fields[1], []string{part}) {
			status = match.Status
		}
		fmt.Println(status)
	}
}
