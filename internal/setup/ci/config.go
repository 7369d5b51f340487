package ci

import (
	"fmt"
	"strings"

	"github.com/windlass-io/windlass/internal/vending/provider"
)

// brokeredConfig is the CI's own configuration, with the script.
func (o *Order) brokeredConfig() []Document {
	export := `eval "$(sh ` + scriptPath + ` export)"`
	switch o.CI {
	case provider.CircleCI:
		return []Document{{".circleci/config.yml", "yaml", fmt.Sprintf(`version: 2.1
jobs:
  build:
    docker:
      - image: cimg/aws:2025.01
    environment:
      WINDLASS_URL: %s
      WINDLASS_WORKSPACE: %s
      WINDLASS_GRANT: %s
      AWS_REGION: %s
      AWS_DEFAULT_REGION: %s
    steps:
      - checkout
      - run:
          name: Credentials from Windlass
          command: sh %s export >> "$BASH_ENV"
      - run: %s
workflows:
  build:
    jobs: [build]
`, o.Server, o.Workspace, o.Name, o.Region, o.Region, scriptPath, yaml(o.sample()))}}
	case provider.GitHub:
		return []Document{{".github/workflows/build.yml", "yaml", fmt.Sprintf(`name: build
on:
  push:
permissions:
  contents: read
  id-token: write
jobs:
  build:
    runs-on: ubuntu-latest
%s    env:
      WINDLASS_URL: %s
      WINDLASS_WORKSPACE: %s
      WINDLASS_GRANT: %s
      AWS_REGION: %s
    steps:
      - uses: actions/checkout@v4
      - name: Credentials from Windlass
        run: sh %s github
      - run: %s
`, o.environmentLine(), o.Server, o.Workspace, o.Name, o.Region, scriptPath, yaml(o.sample()))}}
	case provider.GitLab:
		return []Document{{".gitlab-ci.yml", "yaml", fmt.Sprintf(`build:
  image:
    name: amazon/aws-cli:2.17.0
    entrypoint: [""]
  id_tokens:
    WINDLASS_ID_TOKEN:
      aud: %s
  variables:
    WINDLASS_URL: %s
    WINDLASS_WORKSPACE: %s
    WINDLASS_GRANT: %s
    AWS_DEFAULT_REGION: %s
  script:
    - %s
    - %s
`, o.Server, o.Server, o.Workspace, o.Name, o.Region, yaml(export), yaml(o.sample()))}}
	case provider.Buildkite:
		return []Document{{".buildkite/pipeline.yml", "yaml", fmt.Sprintf(`steps:
  - label: build
    key: build
    env:
      WINDLASS_URL: %s
      WINDLASS_WORKSPACE: %s
      WINDLASS_GRANT: %s
      AWS_DEFAULT_REGION: %s
    command:
      - %s
      - %s
`, o.Server, o.Workspace, o.Name, o.Region, yaml(strings.ReplaceAll(export, "$", "$$")), yaml(o.sample()))}}
	case provider.Terraform:
		return []Document{
			{"provider.tf", "hcl", fmt.Sprintf(`# In the workspace, as environment variables:
#   TFC_WORKLOAD_IDENTITY_AUDIENCE_WINDLASS = %s
#   WINDLASS_URL = %s
#   WINDLASS_WORKSPACE = %s
#   WINDLASS_GRANT = %s
provider "aws" {
  region              = "%s"
  shared_config_files = ["${path.root}/.windlass/aws.ini"]
  profile             = "windlass"
}
`, o.Server, o.Server, o.Workspace, o.Name, o.Region)},
			{".windlass/aws.ini", "ini", "[profile windlass]\ncredential_process = sh " + scriptPath + " process\n"},
		}
	case provider.Custom:
	}
	return nil
}

func (o *Order) environmentLine() string {
	if o.Job.Environment == "" {
		return ""
	}
	return "    environment: " + o.Job.Environment + "\n"
}

// yaml quotes a command as a single-quoted scalar, in which nothing but the
// quote itself means anything.
func yaml(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// directConfig is the CI's own configuration for a role that trusts its tokens:
// the token is written to a file, which every AWS SDK exchanges by itself.
func (o *Order) directConfig() []Document {
	role := "arn:aws:iam::" + o.Account + ":role/" + o.Name
	file := func(get string) string { return `(umask 077; ` + get + ` > /tmp/id-token)` }
	switch o.CI {
	case provider.CircleCI:
		form := "" // of the subject
		if o.Job.Ref != "" {
			form = "_V2"
		}
		return []Document{{".circleci/config.yml", "yaml", fmt.Sprintf(`version: 2.1
jobs:
  build:
    docker:
      - image: cimg/aws:2025.01
    environment:
      AWS_ROLE_ARN: %s
      AWS_ROLE_SESSION_NAME: circleci
      AWS_WEB_IDENTITY_TOKEN_FILE: /tmp/id-token
      AWS_REGION: %s
      AWS_DEFAULT_REGION: %s
    steps:
      - checkout
      - run:
          name: The job's ID token
          command: %s
      - run: %s
workflows:
  build:
    jobs: [build]
`, role, o.Region, o.Region, yaml(file(`printf %s "$CIRCLE_OIDC_TOKEN`+form+`"`)), yaml(o.sample()))}}
	case provider.GitHub:
		get := `printf 'Authorization: Bearer %s\n' "$ACTIONS_ID_TOKEN_REQUEST_TOKEN" | curl -fsS -H @- "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=sts.amazonaws.com" | sed -n 's/.*"value" *: *"\([^"]*\)".*/\1/p'`
		return []Document{{".github/workflows/build.yml", "yaml", fmt.Sprintf(`name: build
on:
  push:
permissions:
  contents: read
  id-token: write
jobs:
  build:
    runs-on: ubuntu-latest
%s    env:
      AWS_ROLE_ARN: %s
      AWS_ROLE_SESSION_NAME: github-${{ github.run_id }}
      AWS_WEB_IDENTITY_TOKEN_FILE: /tmp/id-token
      AWS_REGION: %s
    steps:
      - uses: actions/checkout@v4
      - name: The job's ID token
        run: %s
      - run: %s
`, o.environmentLine(), role, o.Region, yaml(file(get)), yaml(o.sample()))}}
	case provider.GitLab:
		return []Document{{".gitlab-ci.yml", "yaml", fmt.Sprintf(`build:
  image:
    name: amazon/aws-cli:2.17.0
    entrypoint: [""]
  id_tokens:
    AWS_ID_TOKEN:
      aud: sts.amazonaws.com
  variables:
    AWS_ROLE_ARN: %s
    AWS_ROLE_SESSION_NAME: gitlab-$CI_JOB_ID
    AWS_WEB_IDENTITY_TOKEN_FILE: /tmp/id-token
    AWS_DEFAULT_REGION: %s
  script:
    - %s
    - %s
`, role, o.Region, yaml(file(`printf %s "$AWS_ID_TOKEN"`)), yaml(o.sample()))}}
	case provider.Buildkite:
		return []Document{{".buildkite/pipeline.yml", "yaml", fmt.Sprintf(`steps:
  - label: build
    key: build
    env:
      AWS_ROLE_ARN: %s
      AWS_ROLE_SESSION_NAME: buildkite
      AWS_WEB_IDENTITY_TOKEN_FILE: /tmp/id-token
      AWS_DEFAULT_REGION: %s
    command:
      - %s
      - %s
`, role, o.Region, yaml(file("buildkite-agent oidc request-token --audience sts.amazonaws.com")), yaml(o.sample()))}}
	case provider.Terraform:
		return []Document{{"provider.tf", "hcl", fmt.Sprintf(`# In the workspace, as environment variables:
#   TFC_AWS_PROVIDER_AUTH = true
#   TFC_AWS_RUN_ROLE_ARN = %s
provider "aws" {
  region = "%s"
}
`, role, o.Region)}}
	case provider.Custom:
	}
	return nil
}
