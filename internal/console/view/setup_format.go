package view

import (
	"github.com/windlass-io/windlass/internal/setup/aws"
)

// SetupFormats are the tabs: name, language of the code, ending of a download.
// CloudFormation is the last: a store that is not AWS does not have it.
var SetupFormats = []struct {
	Format                 aws.Format
	Name, Language, Ending string
}{
	{aws.JSON, "JSON", "json", "json"},
	{aws.Console, "AWS console", "", "md"},
	{aws.CLI, "AWS CLI", "sh", "sh"},
	{aws.Terraform, "Terraform", "hcl", "tf"},
	{aws.CloudFormation, "CloudFormation", "yaml", "yaml"},
}
