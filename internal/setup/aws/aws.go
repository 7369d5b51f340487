// Package aws writes the documents with which a customer creates the role, or
// the store's user, of an integration: as JSON, Terraform, CloudFormation, AWS
// CLI commands and steps in the AWS console.
package aws

import (
	"fmt"

	"github.com/windlass-io/windlass/iam/generate"
)

func invalid(field, value, format string, args ...any) error {
	return &generate.InputError{Field: field, Value: value, Reason: fmt.Sprintf(format, args...)}
}
