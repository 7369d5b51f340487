package lint

import (
	"cmp"
	"slices"
)

// Code describes one kind of finding.
type Code struct {
	Code       string
	Severities []Severity // the default first
	Summary    string     // the problem in one sentence
	Reference  string     // the URL of AWS's documentation
}

// Codes returns every code that [Lint] can report, sorted by severity, most
// severe first, then by name.
func Codes() []Code {
	out := make([]Code, 0, len(catalog))
	for code, entry := range catalog {
		entry.Code = code
		out = append(out, entry)
	}
	slices.SortFunc(out, func(a, b Code) int {
		return cmp.Or(cmp.Compare(rank(a.Severities[0]), rank(b.Severities[0])), cmp.Compare(a.Code, b.Code))
	})
	return out
}

// Prefixes of URLs of AWS's documentation.
const (
	checks = "https://docs.aws.amazon.com/IAM/latest/UserGuide" +
		"/access-analyzer-reference-policy-checks.html#access-analyzer-reference-policy-checks-"
	guide      = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
	bucketsDoc = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/"
	actionsDoc = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html"
)

// catalog has every code, by family.
var catalog = map[string]Code{
	"json-syntax-error": {
		Severities: []Severity{Error}, Summary: "The document is not JSON.",
		Reference: checks + "error-json-syntax-error",
	},
	"duplicate-json-key": {
		Severities: []Severity{Error},
		Summary:    "An object has the same member twice. AWS doesn't define which one counts.",
		Reference:  guide + "reference_policies_grammar.html",
	},
	"data-type-mismatch": {
		Severities: []Severity{Error}, Summary: "An element has a value of the wrong JSON type.",
		Reference: checks + "error-data-type-mismatch",
	},
	"invalid-policy-element": {
		Severities: []Severity{Error}, Summary: "The policy language has no such element.",
		Reference: checks + "error-invalid-policy-element",
	},
	"policy-too-large": {
		Severities: []Severity{Error, Warning},
		Summary:    "The policy exceeds what AWS stores (error), or the default quota (warning).",
		Reference:  guide + "reference_iam-quotas.html",
	},
	"missing-version": {
		Severities: []Severity{Warning},
		Summary:    "Version is missing. It defaults to 2008-10-17, which has no policy variables.",
		Reference:  checks + "general-warning-missing-version",
	},
	"old-version": {
		Severities: []Severity{Warning}, Summary: "Version 2008-10-17 treats policy variables as plain text.",
		Reference: guide + "reference_policies_elements_version.html",
	},
	"invalid-version": {
		Severities: []Severity{Error}, Summary: "Unknown version of the policy language.",
		Reference: checks + "error-invalid-version",
	},
	"missing-statement": {
		Severities: []Severity{Error}, Summary: "Statement is missing.",
		Reference: checks + "error-missing-statement",
	},
	"empty-statement": {
		Severities: []Severity{Error}, Summary: "Statement is an empty array, which AWS rejects.",
		Reference: guide + "reference_policies_elements_statement.html",
	},
	"missing-effect": {
		Severities: []Severity{Error}, Summary: "A statement has no Effect.",
		Reference: checks + "error-missing-effect",
	},
	"invalid-effect": {
		Severities: []Severity{Error}, Summary: "Effect is neither Allow nor Deny.",
		Reference: checks + "error-invalid-effect",
	},
	"missing-action": {
		Severities: []Severity{Error}, Summary: "A statement has neither Action nor NotAction.",
		Reference: checks + "error-missing-action",
	},
	"missing-resource": {
		Severities: []Severity{Error}, Summary: "A statement has neither Resource nor NotResource.",
		Reference: checks + "error-missing-resource",
	},
	"missing-principal": {
		Severities: []Severity{Error}, Summary: "A statement of a resource or trust policy has no Principal.",
		Reference: checks + "error-missing-principal",
	},
	"unsupported-principal": {
		Severities: []Severity{Error}, Summary: "A policy attached to an identity has a Principal.",
		Reference: checks + "error-unsupported-principal",
	},
	"unsupported-element-combination": {
		Severities: []Severity{Error}, Summary: "A statement has both an element and its Not-element.",
		Reference: checks + "error-unsupported-element-combination",
	},
	"invalid-sid": {
		Severities: []Severity{Error}, Summary: "A Sid has characters other than letters and digits.",
		Reference: checks + "error-unsupported-sid",
	},
	"unique-sids-required": {
		Severities: []Severity{Error}, Summary: "Two statements have the same Sid.",
		Reference: checks + "error-unique-sids-required",
	},
	"empty-sid": {
		Severities: []Severity{Suggestion}, Summary: "A Sid is empty.",
		Reference: checks + "suggestion-empty-sid-value",
	},
	"empty-array": {
		Severities: []Severity{Suggestion}, Summary: "An element has no values, so the statement has no effect.",
		Reference: checks + "suggestion-empty-array-resource",
	},
	"invalid-action-format": {
		Severities: []Severity{Error}, Summary: "An action isn't of the form service:name.",
		Reference: guide + "reference_policies_elements_action.html",
	},
	"unknown-service": {
		Severities: []Severity{Error}, Summary: "Unknown service prefix.",
		Reference: checks + "error-invalid-service-in-action",
	},
	"unknown-action": {
		Severities: []Severity{Error}, Summary: "The service has no such action.",
		Reference: checks + "error-invalid-action",
	},
	"unsupported-action-in-policy": {
		Severities: []Severity{Error}, Summary: "A bucket policy names an action of another service.",
		Reference: checks + "error-unsupported-action-in-policy",
	},
	"wildcard-in-service": {
		Severities: []Severity{Suggestion},
		Summary:    "A wildcard in a service name also matches services that AWS adds later.",
		Reference:  checks + "suggestion-wildcard-in-service-name",
	},
	"invalid-arn": {
		Severities: []Severity{Error}, Summary: "A resource is not an ARN: fields are missing or malformed.",
		Reference: checks + "error-missing-arn-field",
	},
	"invalid-partition": {
		Severities: []Severity{Error}, Summary: "Unknown partition.", Reference: checks + "error-invalid-partition",
	},
	"arn-region-not-allowed": {
		Severities: []Severity{Error}, Summary: "ARNs of this kind have no Region.",
		Reference: checks + "error-arn-region-not-allowed",
	},
	"arn-account-not-allowed": {
		Severities: []Severity{Error}, Summary: "ARNs of this kind have no account.",
		Reference: checks + "error-arn-account-not-allowed",
	},
	"bucket-policy-other-bucket": {
		Severities: []Severity{Error},
		Summary:    "A bucket policy names a resource outside its bucket, which S3 rejects.",
		Reference:  bucketsDoc + "example-bucket-policies.html",
	},
	"unsupported-resource-in-policy": {
		Severities: []Severity{Error}, Summary: "A bucket policy names a resource of another service.",
		Reference: checks + "error-unsupported-resource-arn-in-policy",
	},
	"unanchored-bucket-wildcard": {
		Severities: []Severity{Warning}, Summary: "A wildcard in a bucket's name covers buckets of other people.",
		Reference: guide + "best-practices.html#grant-least-privilege",
	},
	"action-resource-mismatch": {
		Severities: []Severity{Error, Warning},
		Summary: "An action works on none of the statement's resources (error), or no action works on a resource " +
			"(warning).",
		Reference: actionsDoc,
	},
	"action-pattern-partly-unusable": {
		Severities: []Severity{Warning},
		Summary:    "A pattern covers actions of buckets and of objects, and the resources are only one of the two.",
		Reference:  actionsDoc,
	},
	"variable-missing-brace": {
		Severities: []Severity{Error}, Summary: "A policy variable has no closing brace.",
		Reference: checks + "error-missing-brace-in-variable",
	},
	"variable-missing-quote": {
		Severities: []Severity{Error}, Summary: "A variable's default value isn't in single quotes.",
		Reference: checks + "error-missing-quote-in-variable",
	},
	"variable-space": {
		Severities: []Severity{Error}, Summary: "A variable's name has a space.",
		Reference: checks + "error-unsupported-space-in-variable",
	},
	"variable-empty": {
		Severities: []Severity{Error}, Summary: "A variable has no name.",
		Reference: checks + "error-empty-variable",
	},
	"variable-unsupported-in-element": {
		Severities: []Severity{Error}, Summary: "Variables only work in Resource and Condition.",
		Reference: checks + "error-variable-unsupported-in-element",
	},
	"variable-unsupported-in-version": {
		Severities: []Severity{Error}, Summary: "Variables only work in version 2012-10-17.",
		Reference: checks + "error-variable-unsupported-in-version",
	},
	"variable-in-operator": {
		Severities: []Severity{Error}, Summary: "Variables only work with String and Arn operators.",
		Reference: checks + "error-invalid-variable-for-operator",
	},
	"variable-before-fifth-colon": {
		Severities: []Severity{Error}, Summary: "A variable is before the resource part of an ARN.",
		Reference: guide + "reference_policies_variables.html#policy-vars-wheretouse",
	},
	"variable-never-present": {
		Severities: []Severity{Warning, Suggestion},
		Summary:    "Requests of this kind of principal never have a value for the variable.",
		Reference:  guide + "reference_policies_variables.html#principaltable",
	},
	"unknown-operator": {
		Severities: []Severity{Error}, Summary: "Unknown condition operator.",
		Reference: checks + "error-invalid-condition-operator",
	},
	"null-with-ifexists": {
		Severities: []Severity{Error}, Summary: "Null tests whether a key exists, so it can't have IfExists.",
		Reference: checks + "error-null-with-if-exists",
	},
	"null-with-qualifier": {
		Severities: []Severity{Suggestion},
		Summary:    "Null with ForAllValues or ForAnyValue has the same result for every request.",
		Reference:  checks + "suggestion-null-with-qualifier",
	},
	"invalid-condition-key-format": {
		Severities: []Severity{Error}, Summary: "A condition key isn't of the form service:name.",
		Reference: checks + "error-invalid-condition-key-format",
	},
	"unknown-condition-key": {
		Severities: []Severity{Error}, Summary: "Unknown condition key.",
		Reference: checks + "error-invalid-service-condition-key",
	},
	"missing-tag-key": {
		Severities: []Severity{Error}, Summary: "A tag condition doesn't name the tag.",
		Reference: checks + "error-missing-tag-key-in-condition",
	},
	"duplicate-key-different-case": {
		Severities: []Severity{Error}, Summary: "The same condition key appears twice in different case.",
		Reference: checks + "error-duplicate-keys-with-different-case",
	},
	"condition-key-never-present": {
		Severities: []Severity{Error, Warning},
		Summary: "Requests for an action never have the key: the statement never allows it (error), or the " +
			"condition has no effect (warning).",
		Reference: checks + "error-unsupported-action-for-condition-key",
	},
	"irrelevant-condition-key": {
		Severities: []Severity{Suggestion}, Summary: "The key has no effect in the resource's own policy.",
		Reference: checks + "suggestion-irrelevant-condition-key-in-policy",
	},
	"missing-qualifier": {
		Severities: []Severity{Error}, Summary: "A multivalued key needs ForAllValues or ForAnyValue.",
		Reference: checks + "error-missing-qualifier",
	},
	"forallvalues-single-valued": {
		Severities: []Severity{Security},
		Summary:    "ForAllValues on a single-valued key is true when the key is missing.",
		Reference:  checks + "security-warning-forallvalues-with-single-valued-key",
	},
	"forallvalues-allow-without-null": {
		Severities: []Severity{Security},
		Summary:    "ForAllValues in an Allow is true when the key is missing. Add a Null check.",
		Reference:  guide + "reference_policies_condition-single-vs-multi-valued-context-keys.html",
	},
	"ifexists-weakens-allow": {
		Severities: []Severity{Security}, Summary: "IfExists in an Allow allows every request without the key.",
		Reference: guide + "reference_policies_elements_condition_operators.html#Conditions_IfExists",
	},
	"mfa-bool-false": {
		Severities: []Severity{Security},
		Summary:    "A Deny without MFA must use BoolIfExists, because requests with long-term keys have no MFA key.",
		Reference:  guide + "reference_policies_condition-keys.html#condition-keys-multifactorauthpresent",
	},
	"type-mismatch": {
		Severities: []Severity{Warning}, Summary: "A value or key doesn't have the operator's type.",
		Reference: checks + "general-warning-type-mismatch",
	},
	"multiple-boolean": {
		Severities: []Severity{Error}, Summary: "A Bool condition has several values.",
		Reference: checks + "error-invalid-condition-multiple-boolean",
	},
	"wildcard-without-like": {
		Severities: []Severity{Warning}, Summary: "An operator without wildcards has a value with a wildcard.",
		Reference: checks + "general-warning-wildcard-without-like-operator",
	},
	"condition-value-never-matches": {
		Severities: []Severity{Error}, Summary: "A key never has the value that a condition compares it with.",
		Reference: guide + "reference_policies_condition-keys.html",
	},
	"placeholder-left": {
		Severities: []Severity{Error, Warning},
		Summary:    "A placeholder of a template was not replaced (error), or looks like it (warning).",
		Reference:  guide + "access_policies_create-console.html",
	},
	"private-ip": {
		Severities: []Severity{Error}, Summary: "aws:SourceIp is a public address, but the values are private.",
		Reference: checks + "error-private-ip-address",
	},
	"invalid-vpce-format": {
		Severities: []Severity{Error}, Summary: "The ID of a VPC or VPC endpoint is malformed.",
		Reference: checks + "error-invalid-vpce-format",
	},
	"redundant-condition-value": {
		Severities: []Severity{Suggestion}, Summary: "Of several numeric limits only one counts.",
		Reference: checks + "suggestion-redundant-condition-value-num",
	},
	"invalid-principal-key": {
		Severities: []Severity{Error}, Summary: "Unknown type of principal.",
		Reference: checks + "error-invalid-principal-key",
	},
	"invalid-principal-format": {
		Severities: []Severity{Error}, Summary: "A principal is malformed.",
		Reference: checks + "error-invalid-principal-format",
	},
	"rcp-unsupported": {
		Severities: []Severity{Error}, Summary: "A resource control policy has an element that it can't have.",
		Reference: "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html",
	},
	"deleted-principal": {
		Severities: []Severity{Warning}, Summary: "A principal is the ID of a user or role that was deleted.",
		Reference: guide + "reference_policies_elements_principal.html#principal-roles",
	},
	"invalid-federated-principal": {
		Severities: []Severity{Error}, Summary: "A federated principal isn't an identity provider.",
		Reference: checks + "error-invalid-federated-principal-syntax-in-role-trust-policy",
	},
	"wildcard-in-principal": {
		Severities: []Severity{Error}, Summary: "A wildcard in a part of a principal is not supported.",
		Reference: checks + "error-unsupported-wildcard-in-principal",
	},
	"redundant-principal": {
		Severities: []Severity{Suggestion}, Summary: "A principal is covered by another one.",
		Reference: checks + "suggestion-redundant-principal-in-role-trust-policy",
	},
	"trust-has-resource": {
		Severities: []Severity{Error}, Summary: "A trust policy has Resource, but its resource is always its role.",
		Reference: checks + "error-role-trust-policy-syntax-error-resource",
	},
	"trust-notprincipal": {
		Severities: []Severity{Error}, Summary: "A trust policy can't have NotPrincipal.",
		Reference: checks + "error-role-trust-policy-syntax-error-notprincipal",
	},
	"trust-wildcard-in-principal": {
		Severities: []Severity{Error}, Summary: "A trust policy has a wildcard in a part of a principal.",
		Reference: checks + "error-role-trust-policy-unsupported-wildcard-in-principal",
	},
	"trust-non-sts-action": {
		Severities: []Severity{Error}, Summary: "A trust policy has an action that doesn't assume a role.",
		Reference: guide + "reference_policies_elements_action.html",
	},
	"trust-mismatched-action": {
		Severities: []Severity{Error}, Summary: "The principal can't call this action.",
		Reference: checks + "error-mismatched-action-for-principal",
	},
	"trust-principal-star": {
		Severities: []Severity{Security}, Summary: "Anyone may assume the role.",
		Reference: guide + "reference_policies_elements_principal.html#principal-anonymous",
	},
	"trust-missing-external-id": {
		Severities: []Severity{Security},
		Summary:    "A third party may assume the role without an External ID (confused deputy).",
		Reference:  guide + "id_roles_common-scenarios_third-party.html",
	},
	"trust-external-id-optional": {
		Severities: []Severity{Security}, Summary: "The External ID is only tested if the caller sends one.",
		Reference: guide + "reference_policies_elements_condition_operators.html#Conditions_IfExists",
	},
	"trust-external-id-weak": {
		Severities: []Severity{Security}, Summary: "Any External ID matches, or many do.",
		Reference: guide + "id_roles_common-scenarios_third-party.html",
	},
	"service-principal-unrestricted": {
		Severities: []Severity{Security},
		Summary:    "A service may act for any account. Add a condition on aws:SourceAccount or aws:SourceArn.",
		Reference:  checks + "security-warning-restrict-access-to-service-principal",
	},
	"oidc-missing-condition": {
		Severities: []Severity{Security}, Summary: "Every token of an OIDC provider is accepted.",
		Reference: checks + "security-warning-missing-condition-key-for-oidc-principal",
	},
	"oidc-missing-aud": {
		Severities: []Severity{Warning},
		Summary:    "The token's audience isn't tested, so tokens for other services are accepted.",
		Reference:  guide + "id_roles_providers_create_oidc.html",
	},
	"oidc-github-missing-sub": {
		Severities: []Severity{Security}, Summary: "Every repository on GitHub is accepted.",
		Reference: checks + "security-warning-missing-github-repo-condition-key",
	},
	"oidc-github-wildcard-sub": {
		Severities: []Severity{Security, Warning},
		Summary: "A GitHub subject matches other owners (security), or every repository or branch of one owner " +
			"(warning).",
		Reference: checks + "security-warning-missing-github-repo-condition-key",
	},
	"oidc-wildcard-sub": {
		Severities: []Severity{Warning},
		Summary:    "A role accepts tokens of every project of an organization.",
		Reference:  guide + "id_roles_providers_oidc_secure-by-default.html",
	},
	"oidc-mutable-name": {
		Severities: []Severity{Suggestion},
		Summary:    "A repository is pinned by its name only, which others can take over after a rename.",
		Reference:  guide + "reference_policies_iam-condition-keys.html#condition-keys-wif",
	},
	"trust-missing-tag-session": {
		Severities: []Severity{Error},
		Summary:    "A condition requires session tags, but sts:TagSession isn't allowed.",
		Reference:  guide + "id_session-tags.html#id_session-tags_permissions-required",
	},
	"overly-broad": {
		Severities: []Severity{Security},
		Summary:    "Every action, or every action of a service, is allowed on every resource.",
		Reference:  guide + "best-practices.html#grant-least-privilege",
	},
	"resource-star": {
		Severities: []Severity{Security},
		Summary:    "An action that supports specific resources is allowed on all resources.",
		Reference:  guide + "best-practices.html#grant-least-privilege",
	},
	"notaction-allow": {
		Severities: []Severity{Security},
		Summary:    "Allow with NotAction allows every other action, including future ones.",
		Reference:  guide + "reference_policies_elements_notaction.html",
	},
	"notresource-allow": {
		Severities: []Severity{Security}, Summary: "Allow with NotResource allows every other resource.",
		Reference: guide + "reference_policies_elements_notresource.html",
	},
	"escalation": {
		Severities: []Severity{Security},
		Summary:    "The principal can gain more permissions than this policy grants.",
		Reference:  guide + "best-practices.html#grant-least-privilege",
	},
	"public-access": {
		Severities: []Severity{Security}, Summary: "Anyone on the internet is allowed.",
		Reference: bucketsDoc +
			"access-control-block-public-access.html#access-control-block-public-access-policy-status",
	},
	"allow-with-notprincipal": {
		Severities: []Severity{Security},
		Summary:    "Allow with NotPrincipal allows everyone else, including anonymous callers.",
		Reference:  checks + "security-warning-allow-with-not-principal",
	},
	"lockout": {
		Severities: []Severity{Warning},
		Summary:    "A Deny locks out the account itself, or the sessions of a principal that it exempts.",
		Reference:  guide + "reference_policies_elements_notprincipal.html",
	},
	"redundant-action": {
		Severities: []Severity{Suggestion}, Summary: "An action is covered by another one of the statement.",
		Reference: checks + "suggestion-redundant-action",
	},
	"redundant-resource": {
		Severities: []Severity{Suggestion}, Summary: "A resource is covered by another one of the statement.",
		Reference: checks + "suggestion-redundant-resource",
	},
	"redundant-statement": {
		Severities: []Severity{Suggestion}, Summary: "Two statements are equal.",
		Reference: checks + "suggestion-redundant-statement",
	},
}
