package console

func fixtureSetup() []setupDocument {
	return []setupDocument{
		{
			Format: "json", Name: "JSON", Current: true, Download: "/sources/integrations/int_1/setup/json",
			Parts: []codeBlock{
				{"trust", "Trust policy", "json", fixtureTrust},
				{"permission", "Permission policy", "json", fixturePermission},
			},
		},
		{Format: "cli", Name: "AWS CLI"},
		{Format: "terraform", Name: "Terraform"},
		{Format: "cloudformation", Name: "CloudFormation"},
		{Format: "console", Name: "AWS console"},
	}
}

func fixtureSteps() []setupDocument {
	tabs := fixtureSetup()
	tabs[0].Current, tabs[4].Current = false, true
	tabs[4].Steps = setupSteps("1. Open the **IAM** service.\n2. Replace what stands in the editor with this policy:\n\n   ```json\n   {\n     \"Version\": \"2012-10-17\"\n   }\n   ```\n\n3. Enter the name `windlass-x` & choose **Create**.\n")
	return tabs
}
