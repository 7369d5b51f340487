package iam

import "fmt"

// fault is a finding without a position.
type fault struct {
	code    string
	message string
}

func faultf(code, format string, args ...any) *fault {
	return &fault{code: code, message: fmt.Sprintf(format, args...)}
}
