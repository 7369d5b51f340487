package lint

import (
	"cmp"
	"slices"
)

// Code describes one kind of finding.
type Code struct {
	Code       string
	Severities []Severity // the usual one, then what else it can have
	Summary    string     // what is wrong: one sentence
	Reference  string     // AWS's page about it
}

// Codes returns every code that [Lint] can report: by severity, the worst first,
// then by name.
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

// The places of AWS's pages.
const (
	checks     = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html#access-analyzer-reference-policy-checks-"
	guide      = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
	bucketsDoc = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/"
	actionsDoc = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html"
)

// catalog is every code, by family.
var catalog = map[string]Code{
	"json-syntax-error":               {Severities: []Severity{Error}, Summary: "The document is not JSON.", Reference: checks + "error-json-syntax-error"},
	"duplicate-json-key":              {Severities: []Severity{Error}, Summary: "A member stands twice in one object; which one counts is undefined.", Reference: guide + "reference_policies_grammar.html"},
	"data-type-mismatch":              {Severities: []Severity{Error}, Summary: "An element has a value of the wrong JSON type.", Reference: checks + "error-data-type-mismatch"},
	"invalid-policy-element":          {Severities: []Severity{Error}, Summary: "The policy language has no such element.", Reference: checks + "error-invalid-policy-element"},
	"policy-too-large":                {Severities: []Severity{Error, Warning}, Summary: "The policy is longer than AWS stores (error), or than its default quota (warning).", Reference: guide + "reference_iam-quotas.html"},
	"missing-version":                 {Severities: []Severity{Warning}, Summary: "There is no Version, so it is 2008-10-17: no policy variables.", Reference: checks + "general-warning-missing-version"},
	"old-version":                     {Severities: []Severity{Warning}, Summary: "Version 2008-10-17 takes policy variables for plain text.", Reference: guide + "reference_policies_elements_version.html"},
	"invalid-version":                 {Severities: []Severity{Error}, Summary: "There is no such version of the policy language.", Reference: checks + "error-invalid-version"},
	"missing-statement":               {Severities: []Severity{Error}, Summary: "There is no Statement.", Reference: checks + "error-missing-statement"},
	"empty-statement":                 {Severities: []Severity{Error}, Summary: "Statement is an empty array, which AWS refuses.", Reference: guide + "reference_policies_elements_statement.html"},
	"missing-effect":                  {Severities: []Severity{Error}, Summary: "A statement has no Effect.", Reference: checks + "error-missing-effect"},
	"invalid-effect":                  {Severities: []Severity{Error}, Summary: "Effect is neither Allow nor Deny.", Reference: checks + "error-invalid-effect"},
	"missing-action":                  {Severities: []Severity{Error}, Summary: "A statement has neither Action nor NotAction.", Reference: checks + "error-missing-action"},
	"missing-resource":                {Severities: []Severity{Error}, Summary: "A statement has neither Resource nor NotResource.", Reference: checks + "error-missing-resource"},
	"missing-principal":               {Severities: []Severity{Error}, Summary: "A statement of a resource or trust policy has no Principal.", Reference: checks + "error-missing-principal"},
	"unsupported-principal":           {Severities: []Severity{Error}, Summary: "A policy about its bearer has a Principal.", Reference: checks + "error-unsupported-principal"},
	"unsupported-element-combination": {Severities: []Severity{Error}, Summary: "A statement has an element and its Not-element.", Reference: checks + "error-unsupported-element-combination"},
	"invalid-sid":                     {Severities: []Severity{Error}, Summary: "A Sid has characters other than letters and digits.", Reference: checks + "error-unsupported-sid"},
	"unique-sids-required":            {Severities: []Severity{Error}, Summary: "Two statements have one Sid.", Reference: checks + "error-unique-sids-required"},
	"empty-sid":                       {Severities: []Severity{Suggestion}, Summary: "A Sid is empty.", Reference: checks + "suggestion-empty-sid-value"},
	"empty-array":                     {Severities: []Severity{Suggestion}, Summary: "An element has no values, so the statement has no effect.", Reference: checks + "suggestion-empty-array-resource"},
	"invalid-action-format":           {Severities: []Severity{Error}, Summary: "An action is not written as service:name.", Reference: guide + "reference_policies_elements_action.html"},
	"unknown-service":                 {Severities: []Severity{Error}, Summary: "There is no service with this prefix.", Reference: checks + "error-invalid-service-in-action"},
	"unknown-action":                  {Severities: []Severity{Error}, Summary: "The service has no such action.", Reference: checks + "error-invalid-action"},
	"unsupported-action-in-policy":    {Severities: []Severity{Error}, Summary: "A bucket policy names an action of another service.", Reference: checks + "error-unsupported-action-in-policy"},
	"wildcard-in-service":             {Severities: []Severity{Suggestion}, Summary: "A wildcard in a service's name covers services that come later.", Reference: checks + "suggestion-wildcard-in-service-name"},
	"invalid-arn":                     {Severities: []Severity{Error}, Summary: "A resource is not an ARN: fields are missing or malformed.", Reference: checks + "error-missing-arn-field"},
	"invalid-partition":               {Severities: []Severity{Error}, Summary: "There is no such partition.", Reference: checks + "error-invalid-partition"},
	"arn-region-not-allowed":          {Severities: []Severity{Error}, Summary: "ARNs of this kind have no Region.", Reference: checks + "error-arn-region-not-allowed"},
	"arn-account-not-allowed":         {Severities: []Severity{Error}, Summary: "ARNs of this kind have no account.", Reference: checks + "error-arn-account-not-allowed"},
	"bucket-policy-other-bucket":      {Severities: []Severity{Error}, Summary: "A bucket policy names a resource outside its bucket, which S3 refuses.", Reference: bucketsDoc + "example-bucket-policies.html"},
	"unsupported-resource-in-policy":  {Severities: []Severity{Error}, Summary: "A bucket policy names a resource of another service.", Reference: checks + "error-unsupported-resource-arn-in-policy"},
	"unanchored-bucket-wildcard":      {Severities: []Severity{Warning}, Summary: "A wildcard in a bucket's name covers buckets of other people.", Reference: guide + "best-practices.html#grant-least-privilege"},
	"action-resource-mismatch":        {Severities: []Severity{Error, Warning}, Summary: "An action works on none of the statement's resources (error), or a resource is of use to none of its actions (warning).", Reference: actionsDoc},
	"action-pattern-partly-unusable":  {Severities: []Severity{Warning}, Summary: "A pattern covers actions of buckets and of objects, and the resources are only one of the two.", Reference: actionsDoc},
	"variable-missing-brace":          {Severities: []Severity{Error}, Summary: "A policy variable has no closing brace.", Reference: checks + "error-missing-brace-in-variable"},
	"variable-missing-quote":          {Severities: []Severity{Error}, Summary: "A variable's default value is not in single quotes.", Reference: checks + "error-missing-quote-in-variable"},
	"variable-space":                  {Severities: []Severity{Error}, Summary: "A variable's name has a space.", Reference: checks + "error-unsupported-space-in-variable"},
	"variable-empty":                  {Severities: []Severity{Error}, Summary: "A variable has no name.", Reference: checks + "error-empty-variable"},
	"variable-unsupported-in-element": {Severities: []Severity{Error}, Summary: "Variables have a meaning in Resource and Condition alone.", Reference: checks + "error-variable-unsupported-in-element"},
	"variable-unsupported-in-version": {Severities: []Severity{Error}, Summary: "Variables have a meaning in version 2012-10-17 alone.", Reference: checks + "error-variable-unsupported-in-version"},
	"variable-in-operator":            {Severities: []Severity{Error}, Summary: "Variables have a meaning under String and Arn operators alone.", Reference: checks + "error-invalid-variable-for-operator"},
	"variable-before-fifth-colon":     {Severities: []Severity{Error}, Summary: "A variable stands before the resource part of an ARN.", Reference: guide + "reference_policies_variables.html#policy-vars-wheretouse"},
	"variable-never-present":          {Severities: []Severity{Warning, Suggestion}, Summary: "Requests of this kind of principal never have the variable.", Reference: guide + "reference_policies_variables.html#principaltable"},
	"unknown-operator":                {Severities: []Severity{Error}, Summary: "There is no such condition operator.", Reference: checks + "error-invalid-condition-operator"},
	"null-with-ifexists":              {Severities: []Severity{Error}, Summary: "Null tests whether a key exists; IfExists with it means nothing.", Reference: checks + "error-null-with-if-exists"},
	"null-with-qualifier":             {Severities: []Severity{Suggestion}, Summary: "Null with ForAllValues or ForAnyValue always gives one answer.", Reference: checks + "suggestion-null-with-qualifier"},
	"invalid-condition-key-format":    {Severities: []Severity{Error}, Summary: "A condition key is not written as service:name.", Reference: checks + "error-invalid-condition-key-format"},
	"unknown-condition-key":           {Severities: []Severity{Error}, Summary: "There is no such condition key.", Reference: checks + "error-invalid-service-condition-key"},
	"missing-tag-key":                 {Severities: []Severity{Error}, Summary: "A tag condition does not name the tag.", Reference: checks + "error-missing-tag-key-in-condition"},
	"duplicate-key-different-case":    {Severities: []Severity{Error}, Summary: "One condition key stands twice in different spellings.", Reference: checks + "error-duplicate-keys-with-different-case"},
	"condition-key-never-present":     {Severities: []Severity{Error, Warning}, Summary: "Requests for an action never carry the key: the statement never allows it (error), or the condition does nothing (warning).", Reference: checks + "error-unsupported-action-for-condition-key"},
	"irrelevant-condition-key":        {Severities: []Severity{Suggestion}, Summary: "The key says nothing in a policy of the resource itself.", Reference: checks + "suggestion-irrelevant-condition-key-in-policy"},
	"missing-qualifier":               {Severities: []Severity{Error}, Summary: "A key with several values needs ForAllValues or ForAnyValue.", Reference: checks + "error-missing-qualifier"},
	"forallvalues-single-valued":      {Severities: []Severity{Security}, Summary: "ForAllValues on a key with one value is true when the key is absent.", Reference: checks + "security-warning-forallvalues-with-single-valued-key"},
	"forallvalues-allow-without-null": {Severities: []Severity{Security}, Summary: "ForAllValues in an Allow is true when the key is absent; add a Null check.", Reference: guide + "reference_policies_condition-single-vs-multi-valued-context-keys.html"},
	"ifexists-weakens-allow":          {Severities: []Severity{Security}, Summary: "IfExists in an Allow lets in every request without the key.", Reference: guide + "reference_policies_elements_condition_operators.html#Conditions_IfExists"},
	"mfa-bool-false":                  {Severities: []Severity{Security}, Summary: "A Deny without MFA must use BoolIfExists: long-term keys carry no MFA key.", Reference: guide + "reference_policies_condition-keys.html#condition-keys-multifactorauthpresent"},
	"type-mismatch":                   {Severities: []Severity{Warning}, Summary: "A value or key is not of the operator's type.", Reference: checks + "general-warning-type-mismatch"},
	"multiple-boolean":                {Severities: []Severity{Error}, Summary: "A Bool condition has several values.", Reference: checks + "error-invalid-condition-multiple-boolean"},
	"wildcard-without-like":           {Severities: []Severity{Warning}, Summary: "A wildcard stands under an operator that takes it literally.", Reference: checks + "general-warning-wildcard-without-like-operator"},
	"private-ip":                      {Severities: []Severity{Error}, Summary: "aws:SourceIp is a public address, and the values are private.", Reference: checks + "error-private-ip-address"},
	"invalid-vpce-format":             {Severities: []Severity{Error}, Summary: "An endpoint's or VPC's identifier is malformed.", Reference: checks + "error-invalid-vpce-format"},
	"redundant-condition-value":       {Severities: []Severity{Suggestion}, Summary: "Of several numeric limits only one counts.", Reference: checks + "suggestion-redundant-condition-value-num"},
	"invalid-principal-key":           {Severities: []Severity{Error}, Summary: "There is no such type of principal.", Reference: checks + "error-invalid-principal-key"},
	"invalid-principal-format":        {Severities: []Severity{Error}, Summary: "A principal is not written as AWS names one.", Reference: checks + "error-invalid-principal-format"},
	"invalid-federated-principal":     {Severities: []Severity{Error}, Summary: "A federated principal is no identity provider.", Reference: checks + "error-invalid-federated-principal-syntax-in-role-trust-policy"},
	"wildcard-in-principal":           {Severities: []Severity{Error}, Summary: "A wildcard in a part of a principal stands for itself.", Reference: checks + "error-unsupported-wildcard-in-principal"},
	"redundant-principal":             {Severities: []Severity{Suggestion}, Summary: "A principal is covered by another one.", Reference: checks + "suggestion-redundant-principal-in-role-trust-policy"},
	"trust-has-resource":              {Severities: []Severity{Error}, Summary: "A trust policy's resource is its role: it has no Resource.", Reference: checks + "error-role-trust-policy-syntax-error-resource"},
	"trust-notprincipal":              {Severities: []Severity{Error}, Summary: "A trust policy cannot have NotPrincipal.", Reference: checks + "error-role-trust-policy-syntax-error-notprincipal"},
	"trust-wildcard-in-principal":     {Severities: []Severity{Error}, Summary: "A wildcard in a part of a trust policy's principal.", Reference: checks + "error-role-trust-policy-unsupported-wildcard-in-principal"},
	"trust-non-sts-action":            {Severities: []Severity{Error}, Summary: "A trust policy has an action that does not assume a role.", Reference: guide + "reference_policies_elements_action.html"},
	"trust-mismatched-action":         {Severities: []Severity{Error}, Summary: "The principal cannot call this action.", Reference: checks + "error-mismatched-action-for-principal"},
	"trust-principal-star":            {Severities: []Severity{Security}, Summary: "Anyone may assume the role.", Reference: guide + "reference_policies_elements_principal.html#principal-anonymous"},
	"trust-missing-external-id":       {Severities: []Severity{Security}, Summary: "A third party may assume the role without an External ID: a confused deputy.", Reference: guide + "id_roles_common-scenarios_third-party.html"},
	"trust-external-id-optional":      {Severities: []Severity{Security}, Summary: "The External ID is tested only if the caller sends one.", Reference: guide + "reference_policies_elements_condition_operators.html#Conditions_IfExists"},
	"trust-external-id-weak":          {Severities: []Severity{Security}, Summary: "Any External ID passes, or many do.", Reference: guide + "id_roles_common-scenarios_third-party.html"},
	"service-principal-unrestricted":  {Severities: []Severity{Security}, Summary: "A service may act for any account's resource: bind aws:SourceAccount or aws:SourceArn.", Reference: checks + "security-warning-restrict-access-to-service-principal"},
	"oidc-missing-condition":          {Severities: []Severity{Security}, Summary: "Every token of an OIDC provider is let in.", Reference: checks + "security-warning-missing-condition-key-for-oidc-principal"},
	"oidc-missing-aud":                {Severities: []Severity{Warning}, Summary: "The token's audience is not bound: a token made for another service passes.", Reference: guide + "id_roles_providers_create_oidc.html"},
	"oidc-github-missing-sub":         {Severities: []Severity{Security}, Summary: "Every repository on GitHub is let in.", Reference: checks + "security-warning-missing-github-repo-condition-key"},
	"oidc-github-wildcard-sub":        {Severities: []Severity{Security, Warning}, Summary: "A GitHub subject is open to other owners (security), or to every repository or branch of one (warning).", Reference: checks + "security-warning-missing-github-repo-condition-key"},
	"overly-broad":                    {Severities: []Severity{Security}, Summary: "Every action, or every action of a service, on every resource.", Reference: guide + "best-practices.html#grant-least-privilege"},
	"resource-star":                   {Severities: []Severity{Security}, Summary: "An action that could be bound to resources is allowed on all.", Reference: guide + "best-practices.html#grant-least-privilege"},
	"notaction-allow":                 {Severities: []Severity{Security}, Summary: "Allow with NotAction opens every action not named, future ones too.", Reference: guide + "reference_policies_elements_notaction.html"},
	"notresource-allow":               {Severities: []Severity{Security}, Summary: "Allow with NotResource opens every resource not named.", Reference: guide + "reference_policies_elements_notresource.html"},
	"escalation":                      {Severities: []Severity{Security}, Summary: "The bearer may give itself, or others, more than this policy says.", Reference: guide + "best-practices.html#grant-least-privilege"},
	"public-access":                   {Severities: []Severity{Security}, Summary: "Anyone on the internet is allowed.", Reference: bucketsDoc + "access-control-block-public-access.html#access-control-block-public-access-policy-status"},
	"allow-with-notprincipal":         {Severities: []Severity{Security}, Summary: "Allow with NotPrincipal opens to everyone not named, anonymous callers too.", Reference: checks + "security-warning-allow-with-not-principal"},
	"lockout":                         {Severities: []Severity{Warning}, Summary: "A Deny shuts out the account itself, or the sessions of the one that it means to spare.", Reference: guide + "reference_policies_elements_notprincipal.html"},
	"redundant-action":                {Severities: []Severity{Suggestion}, Summary: "An action is covered by another one of the statement.", Reference: checks + "suggestion-redundant-action"},
	"redundant-resource":              {Severities: []Severity{Suggestion}, Summary: "A resource is covered by another one of the statement.", Reference: checks + "suggestion-redundant-resource"},
	"redundant-statement":             {Severities: []Severity{Suggestion}, Summary: "Two statements say the same.", Reference: checks + "suggestion-redundant-statement"},
}
