package identity

import "strings"

// Kind is a place where the SDK's default chain finds credentials, in its
// order.
// https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
type Kind string

// The kinds.
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

// kinds says what each is.
var kinds = map[Kind]string{
	Environment:  "An access key in the environment variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
	SharedConfig: "An access key in the shared credentials file.",
	WebIdentity:  "A token of the platform's, such as a Kubernetes service account's, exchanged for a role's session.",
	AssumedRole:  "A role that a profile of the shared config file names, assumed with other credentials.",
	SSO:          "A person's sign-in through IAM Identity Center.",
	Process:      "A program that the shared config file names (credential_process).",
	Container:    "The role of the container: of an ECS task, or of an EKS pod by Pod Identity.",
	Instance:     "The role of the EC2 instance.",
	Given:        "Credentials that were given to the program itself, as in a rehearsal.",
	Other:        "A place that this version does not know by name.",
	None:         "No credentials were found in any place that the AWS SDK looks at.",
}

// Source is where the service's credentials came from.
type Source struct {
	Kind   Kind
	Detail string // one sentence
	Name   string // as the SDK names it; it may name a file
}

// sources are the SDK's names, or the beginnings of them.
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

// sourceOf reads the SDK's name of a source.
func sourceOf(name string) Source {
	for _, s := range sources {
		if strings.HasPrefix(name, s.name) {
			return Source{Kind: s.kind, Detail: kinds[s.kind], Name: name}
		}
	}
	return Source{Kind: Other, Detail: kinds[Other], Name: name}
}
