package principal

import "strings"

// Kind is a place where the SDK's default chain looks for credentials.
// https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
type Kind string

// The kinds, in the order of the chain.
const (
	Environment  Kind = "environment"
	SharedConfig Kind = "shared-config"
	WebIdentity  Kind = "web-identity"
	AssumedRole  Kind = "assumed-role"
	SSO          Kind = "sso"
	Process      Kind = "process"
	Container    Kind = "container"
	Instance     Kind = "instance"
	Given        Kind = "given"
	Other        Kind = "other"
	None         Kind = "none"
)

// kinds describes each kind in one sentence.
var kinds = map[Kind]string{
	Environment:  "An access key in the environment variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
	SharedConfig: "An access key in the shared credentials file.",
	WebIdentity:  "A role's session for a token of the platform, such as a Kubernetes service account token.",
	AssumedRole:  "A role from a profile in the shared config file, assumed with other credentials.",
	SSO:          "A person's sign-in through IAM Identity Center.",
	Process:      "A program from the shared config file (credential_process).",
	Container:    "The role of the container: an ECS task role, or EKS Pod Identity.",
	Instance:     "The role of the EC2 instance.",
	Given:        "Credentials set by the program itself, as in a rehearsal.",
	Other:        "A source that this version doesn't recognize.",
	None:         "The AWS SDK found no credentials.",
}

// Source is where the service's credentials come from.
type Source struct {
	Kind   Kind
	Detail string // one sentence
	Name   string // the SDK's name, which may contain a file name
}

// sources maps the beginning of the SDK's name to a kind.
var sources = []struct {
	name string
	kind Kind
}{
	{"EnvConfigCredentials", Environment},
	{"SharedConfigCredentials", SharedConfig},
	{"WebIdentityCredentials", WebIdentity},
	{"AssumeRoleProvider", AssumedRole},
	{"SSOProvider", SSO},
	{"ProcessProvider", Process},
	{"CredentialsEndpointProvider", Container},
	{"EC2RoleProvider", Instance},
	{"StaticCredentials", Given},
}

// sourceOf returns the source with this name in the SDK.
func sourceOf(name string) Source {
	for _, s := range sources {
		if strings.HasPrefix(name, s.name) {
			return Source{Kind: s.kind, Detail: kinds[s.kind], Name: name}
		}
	}
	return Source{Kind: Other, Detail: kinds[Other], Name: name}
}
