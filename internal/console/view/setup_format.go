package view

import (
	"github.com/windlass-io/windlass/internal/setup/aws"
)

// SetupFormats has the tabs: name, language of the code, extension of a
// download. CloudFormation is the last one, because stores other than AWS
// don't have it.
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
