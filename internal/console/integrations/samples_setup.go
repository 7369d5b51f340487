package integrations

import (
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/sample"
)

func sampleSetup() []setupDocument {
	return []setupDocument{
		{
			Format: "json", Name: "JSON", Current: true, Download: "/sources/integrations/int_1/setup/json",
			Parts: []page.Code{
				{ID: "trust", Label: "Trust policy", Language: "json", Text: sample.TrustPolicy},
				{ID: "permission", Label: "Permission policy", Language: "json", Text: sample.PermissionPolicy},
			},
		},
		{Format: "cli", Name: "AWS CLI"},
		{Format: "terraform", Name: "Terraform"},
		{Format: "cloudformation", Name: "CloudFormation"},
		{Format: "console", Name: "AWS console"},
	}
}

func sampleSetupSteps() []setupDocument {
	tabs := sampleSetup()
	tabs[0].Current, tabs[4].Current = false, true
	tabs[4].Steps = setupSteps("1. Open the **IAM** service.\n2. Replace what stands in the editor with this policy:\n\n   ```json\n   {\n     \"Version\": \"2012-10-17\"\n   }\n   ```\n\n3. Enter the name `windlass-x` & choose **Create**.\n")
	return tabs
}
