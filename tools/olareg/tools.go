//go:build tools

// Package tools keeps the command in go.mod, so that "go mod tidy" does not drop it.
package tools

import _ "github.com/olareg/olareg/cmd/olareg"
