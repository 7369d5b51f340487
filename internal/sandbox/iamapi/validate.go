package iamapi

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/query"
)

// rule is IAM's constraint on a parameter, whatever the action.
type rule struct {
	parameter   string
	field       string // the name in messages
	least, most int    // number of characters
	pattern     *regexp.Regexp
	message     string // the message if the value doesn't match the pattern
}

const nameMessage = "It must contain only alphanumeric characters and/or the following: +=,.@_-"

var (
	keyIDPattern       = regexp.MustCompile(`^\w+$`)
	prefixPattern      = regexp.MustCompile(`^/[!-~]{0,511}$`)
	asciiPattern       = regexp.MustCompile(`^[\t\n\r -\x{ff}]*$`)
	descriptionPattern = regexp.MustCompile(`^[\t\n\r -~\x{a1}-\x{ff}]*$`)
)

// rules returns the constraints in the order in which they are checked.
func rules() []rule {
	path := "It must begin and end with / and contain only alphanumeric characters and/or / characters."
	return []rule{
		{"UserName", "userName", 1, 128, namePattern, nameMessage},
		{"NewUserName", "newUserName", 1, 64, namePattern, nameMessage},
		{"RoleName", "roleName", 1, 64, namePattern, nameMessage},
		{"GroupName", "groupName", 1, 128, namePattern, nameMessage},
		{"NewGroupName", "newGroupName", 1, 128, namePattern, nameMessage},
		{"InstanceProfileName", "instanceProfileName", 1, 128, namePattern, nameMessage},
		{"PolicyName", "policyName", 1, 128, namePattern, nameMessage},
		{"AccessKeyId", "accessKeyId", 16, 128, keyIDPattern, "It must contain only alphanumeric characters."},
		{"Path", "path", 1, 512, pathPattern, path},
		{"NewPath", "newPath", 1, 512, pathPattern, path},
		{
			"PathPrefix",
			"pathPrefix",
			1,
			query.MaxBody,
			prefixPattern,
			"It must begin with the / character and contain only alphanumeric characters and/or / characters.",
		},
		{"OpenIDConnectProviderArn", "openIDConnectProviderArn", 20, 2048, asciiPattern, "It must be an ARN."},
		{
			"AssumeRolePolicyDocument",
			"assumeRolePolicyDocument",
			1,
			maxDocument,
			asciiPattern,
			"It must contain only printable ASCII characters.",
		},
		{
			"PolicyDocument",
			"policyDocument",
			1,
			maxDocument,
			asciiPattern,
			"It must contain only printable ASCII characters.",
		},
	}
}

// required returns the parameters that each action requires, in the order in
// which missing ones are reported. IAM words the error of those that begin with
// "!" differently.
func required() map[string]string {
	table := map[string]string{
		"CreateUser":                              "UserName",
		"DeleteUser":                              "!UserName",
		"UpdateUser":                              "!UserName",
		"TagUser":                                 "UserName",
		"UntagUser":                               "UserName TagKeys.member.1",
		"ListUserTags":                            "UserName",
		"UpdateAccessKey":                         "!AccessKeyId !Status",
		"DeleteAccessKey":                         "!AccessKeyId",
		"GetAccessKeyLastUsed":                    "!AccessKeyId",
		"CreateRole":                              "RoleName AssumeRolePolicyDocument",
		"GetRole":                                 "!RoleName",
		"DeleteRole":                              "!RoleName",
		"UpdateRole":                              "RoleName",
		"UpdateRoleDescription":                   "RoleName Description",
		"ListInstanceProfilesForRole":             "RoleName",
		"UpdateAssumeRolePolicy":                  "RoleName PolicyDocument",
		"TagRole":                                 "RoleName",
		"UntagRole":                               "RoleName TagKeys.member.1",
		"ListRoleTags":                            "RoleName",
		"CreateGroup":                             "GroupName",
		"GetGroup":                                "GroupName",
		"DeleteGroup":                             "GroupName",
		"UpdateGroup":                             "GroupName",
		"AddUserToGroup":                          "GroupName UserName",
		"RemoveUserFromGroup":                     "GroupName UserName",
		"ListGroupsForUser":                       "UserName",
		"CreatePolicy":                            "PolicyName PolicyDocument",
		"GetPolicy":                               "PolicyArn",
		"DeletePolicy":                            "PolicyArn",
		"CreatePolicyVersion":                     "PolicyArn PolicyDocument",
		"GetPolicyVersion":                        "PolicyArn VersionId",
		"DeletePolicyVersion":                     "PolicyArn VersionId",
		"SetDefaultPolicyVersion":                 "PolicyArn VersionId",
		"ListPolicyVersions":                      "PolicyArn",
		"ListEntitiesForPolicy":                   "PolicyArn",
		"TagPolicy":                               "PolicyArn",
		"UntagPolicy":                             "PolicyArn TagKeys.member.1",
		"ListPolicyTags":                          "PolicyArn",
		"CreateOpenIDConnectProvider":             "Url",
		"CreateInstanceProfile":                   "InstanceProfileName",
		"GetInstanceProfile":                      "InstanceProfileName",
		"DeleteInstanceProfile":                   "InstanceProfileName",
		"AddRoleToInstanceProfile":                "InstanceProfileName RoleName",
		"RemoveRoleFromInstanceProfile":           "InstanceProfileName RoleName",
		"TagInstanceProfile":                      "InstanceProfileName",
		"UntagInstanceProfile":                    "InstanceProfileName TagKeys.member.1",
		"ListInstanceProfileTags":                 "InstanceProfileName",
		"CreateAccountAlias":                      "AccountAlias",
		"DeleteAccountAlias":                      "AccountAlias",
		"PutUserPermissionsBoundary":              "UserName PermissionsBoundary",
		"DeleteUserPermissionsBoundary":           "UserName",
		"PutRolePermissionsBoundary":              "RoleName PermissionsBoundary",
		"DeleteRolePermissionsBoundary":           "RoleName",
		"GetContextKeysForPrincipalPolicy":        "PolicySourceArn",
		"GetContextKeysForCustomPolicy":           "PolicyInputList.member.1",
		"AddClientIDToOpenIDConnectProvider":      "OpenIDConnectProviderArn ClientID",
		"RemoveClientIDFromOpenIDConnectProvider": "OpenIDConnectProviderArn ClientID",
		"GetOpenIDConnectProvider":                "OpenIDConnectProviderArn",
		"DeleteOpenIDConnectProvider":             "OpenIDConnectProviderArn",
		"UpdateOpenIDConnectProviderThumbprint":   "OpenIDConnectProviderArn",
		"TagOpenIDConnectProvider":                "OpenIDConnectProviderArn",
		"ListOpenIDConnectProviderTags":           "OpenIDConnectProviderArn",
		"UntagOpenIDConnectProvider":              "OpenIDConnectProviderArn TagKeys.member.1",
		"SimulatePrincipalPolicy":                 "PolicySourceArn ActionNames.member.1",
		"SimulateCustomPolicy":                    "PolicyInputList.member.1 ActionNames.member.1",
	}
	for _, kind := range []string{"User", "Role", "Group"} {
		name := kind + "Name "
		table["Put"+kind+"Policy"] = name + "PolicyName PolicyDocument"
		table["Get"+kind+"Policy"] = name + "PolicyName"
		table["Delete"+kind+"Policy"] = name + "PolicyName"
		table["List"+kind+"Policies"] = kind + "Name"
		table["Attach"+kind+"Policy"] = name + "PolicyArn"
		table["Detach"+kind+"Policy"] = name + "PolicyArn"
		table["ListAttached"+kind+"Policies"] = kind + "Name"
	}
	return table
}

// validate checks a request's parameters before anything else.
func (a *API) validate(c *call, action string) error {
	for name := range strings.FieldsSeq(a.required[action]) {
		plain, other := strings.CutPrefix(name, "!")
		mayBeEmpty := plain == "Description" || strings.HasPrefix(plain, "TagKeys.")
		if c.Params.Get(plain) != "" || mayBeEmpty && c.Params.Has(plain) {
			continue
		}
		if other {
			return awserror.New(
				http.StatusBadRequest,
				"MissingParameter",
				"The request must contain the parameter %s.",
				plain,
			)
		}
		return missing(fieldOf(plain))
	}
	for _, r := range a.rules {
		if value := c.Params.Get(r.parameter); value != "" {
			if err := r.check(value); err != nil {
				return err
			}
		}
	}
	if len(c.Params.Get("UserName")) > 64 && action == "CreateUser" {
		return tooLong("userName", 64)
	}
	if name, given := c.Params.Values["UserName"]; given && name[0] == "" &&
		strings.HasSuffix(strings.TrimSuffix(action, "s"), "AccessKey") {
		return invalid("The specified value for userName is invalid. %s", nameMessage)
	}
	if err := validateChoices(c); err != nil {
		return err
	}
	if err := validateItems(c); err != nil {
		return err
	}
	return validateTags(c)
}

// validateChoices checks parameters with a fixed set of values.
func validateChoices(c *call) error {
	choices := []struct {
		parameter string
		words     []string
	}{
		{"Status", []string{"Active", "Inactive"}},
		{"Scope", []string{"All", "AWS", "Local"}},
		{"PolicyUsageFilter", []string{"PermissionsPolicy", "PermissionsBoundary"}},
		{"EntityFilter", entityKinds},
	}
	for _, choice := range choices {
		if given := c.Params.Values[choice.parameter]; len(given) > 0 && !slices.Contains(choice.words, given[0]) {
			return notOneOf(given[0], lowerFirst(choice.parameter), choice.words)
		}
	}
	for i, word := range c.Params.List("Filter") {
		if !slices.Contains(entityKinds, word) {
			return notOneOf(word, "filter."+itoa(i+1)+".member", entityKinds)
		}
	}
	return nil
}

// entityKinds are the kinds of entity by which lists can be filtered.
var entityKinds = []string{"User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"}

func notOneOf(value, field string, words []string) error {
	return invalid(
		"1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: Member must satisfy enum "+
			"value set: [%s]",
		cut(value),
		field,
		strings.Join(words, ", "),
	)
}

// fieldOf returns a parameter's name in messages.
func fieldOf(parameter string) string {
	parameter, _, _ = strings.Cut(parameter, ".")
	return lowerFirst(parameter)
}

func (r rule) check(value string) error {
	switch n := utf8.RuneCountInString(value); {
	case n < r.least:
		return invalid(
			"1 validation error detected: Value at '%s' failed to satisfy constraint: Member must have length "+
				"greater than or equal to %d",
			r.field,
			r.least,
		)
	case n > r.most:
		return tooLong(r.field, r.most)
	case !r.pattern.MatchString(value):
		return invalid("The specified value for %s is invalid. %s", r.field, r.message)
	}
	return nil
}

func missing(field string) error {
	return invalid(
		"1 validation error detected: Value at '%s' failed to satisfy constraint: Member must not be null",
		field,
	)
}

func tooLong(field string, most int) error {
	return invalid(
		"1 validation error detected: Value at '%s' failed to satisfy constraint: Member must have length less than "+
			"or equal to %d",
		field,
		most,
	)
}

func validateItems(c *call) error {
	n, err := c.Params.Int("MaxItems", defaultItems)
	switch {
	case err != nil:
		return err
	case n < 1:
		return invalid(
			"1 validation error detected: Value at 'maxItems' failed to satisfy constraint: Member must have value " +
				"greater than or equal to 1",
		)
	case n > maxItems:
		return invalid(
			"1 validation error detected: Value at 'maxItems' failed to satisfy constraint: Member must have value "+
				"less than or equal to %d",
			maxItems,
		)
	}
	return nil
}
