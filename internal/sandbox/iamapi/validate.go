package iamapi

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/query"
)

// rule is what IAM demands of a parameter, whatever the action.
type rule struct {
	parameter   string
	field       string // as it is called in messages
	least, most int    // characters
	pattern     *regexp.Regexp
	message     string // for what does not match the pattern
}

const nameMessage = "It must contain only alphanumeric characters and/or the following: +=,.@_-"

var (
	keyIDPattern       = regexp.MustCompile(`^\w+$`)
	prefixPattern      = regexp.MustCompile(`^/[!-~]{0,511}$`)
	asciiPattern       = regexp.MustCompile(`^[\t\n\r -\x{ff}]*$`)
	descriptionPattern = regexp.MustCompile(`^[\t\n\r -~\x{a1}-\x{ff}]*$`)
)

// rules hold in this order.
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
		{"PathPrefix", "pathPrefix", 1, query.MaxBody, prefixPattern, "It must begin with the / character and contain only alphanumeric characters and/or / characters."},
		{"OpenIDConnectProviderArn", "openIDConnectProviderArn", 20, 2048, asciiPattern, "It must be an ARN."},
		{"AssumeRolePolicyDocument", "assumeRolePolicyDocument", 1, maxDocument, asciiPattern, "It must contain only printable ASCII characters."},
		{"PolicyDocument", "policyDocument", 1, maxDocument, asciiPattern, "It must contain only printable ASCII characters."},
	}
}

// required are the parameters that an action cannot do without, in the order
// in which their absence is told. One that begins with "!" is missed in other
// words than the rest, as IAM itself does.
func required() map[string]string {
	table := map[string]string{
		"CreateUser": "UserName", "DeleteUser": "!UserName", "UpdateUser": "!UserName",
		"TagUser": "UserName", "UntagUser": "UserName TagKeys.member.1", "ListUserTags": "UserName",
		"UpdateAccessKey": "!AccessKeyId !Status", "DeleteAccessKey": "!AccessKeyId", "GetAccessKeyLastUsed": "!AccessKeyId",
		"CreateRole": "RoleName AssumeRolePolicyDocument", "GetRole": "!RoleName", "DeleteRole": "!RoleName", "UpdateRole": "RoleName",
		"UpdateAssumeRolePolicy": "RoleName PolicyDocument", "TagRole": "RoleName", "UntagRole": "RoleName TagKeys.member.1", "ListRoleTags": "RoleName",
		"CreateGroup": "GroupName", "GetGroup": "GroupName", "DeleteGroup": "GroupName", "UpdateGroup": "GroupName",
		"AddUserToGroup": "GroupName UserName", "RemoveUserFromGroup": "GroupName UserName", "ListGroupsForUser": "UserName",
		"CreatePolicy": "PolicyName PolicyDocument", "GetPolicy": "PolicyArn", "DeletePolicy": "PolicyArn",
		"CreatePolicyVersion": "PolicyArn PolicyDocument", "GetPolicyVersion": "PolicyArn VersionId", "DeletePolicyVersion": "PolicyArn VersionId",
		"SetDefaultPolicyVersion": "PolicyArn VersionId", "ListPolicyVersions": "PolicyArn", "ListEntitiesForPolicy": "PolicyArn",
		"CreateOpenIDConnectProvider": "Url", "CreateInstanceProfile": "InstanceProfileName", "GetInstanceProfile": "InstanceProfileName",
		"AddClientIDToOpenIDConnectProvider":      "OpenIDConnectProviderArn ClientID",
		"RemoveClientIDFromOpenIDConnectProvider": "OpenIDConnectProviderArn ClientID",
		"GetOpenIDConnectProvider":                "OpenIDConnectProviderArn", "DeleteOpenIDConnectProvider": "OpenIDConnectProviderArn",
		"UpdateOpenIDConnectProviderThumbprint": "OpenIDConnectProviderArn",
		"TagOpenIDConnectProvider":              "OpenIDConnectProviderArn", "ListOpenIDConnectProviderTags": "OpenIDConnectProviderArn",
		"UntagOpenIDConnectProvider": "OpenIDConnectProviderArn TagKeys.member.1",
		"SimulatePrincipalPolicy":    "PolicySourceArn ActionNames.member.1", "SimulateCustomPolicy": "PolicyInputList.member.1 ActionNames.member.1",
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

// validate holds a request's parameters to the rules, before anything is
// looked up.
func (a *API) validate(c *Call, action string) error {
	for name := range strings.FieldsSeq(a.required[action]) {
		plain, other := strings.CutPrefix(name, "!")
		if c.Params.Get(plain) != "" || strings.HasPrefix(plain, "TagKeys.") && c.Params.Has(plain) {
			continue
		}
		if other {
			return awserror.New(http.StatusBadRequest, "MissingParameter", "The request must contain the parameter %s.", plain)
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
	if name, given := c.Params.Values["UserName"]; given && name[0] == "" && strings.HasSuffix(strings.TrimSuffix(action, "s"), "AccessKey") {
		return invalid("The specified value for userName is invalid. %s", nameMessage)
	}
	if status, given := c.Params.Values["Status"]; given && status[0] != "Active" && status[0] != "Inactive" {
		return invalid("1 validation error detected: Value '%s' at 'status' failed to satisfy constraint: Member must satisfy enum value set: [Active, Inactive]", cut(status[0]))
	}
	if err := validateItems(c); err != nil {
		return err
	}
	return validateTags(c)
}

// fieldOf gives a parameter's name in messages.
func fieldOf(parameter string) string {
	parameter, _, _ = strings.Cut(parameter, ".")
	return lowerFirst(parameter)
}

func (r rule) check(value string) error {
	switch n := utf8.RuneCountInString(value); {
	case n < r.least:
		return invalid("1 validation error detected: Value at '%s' failed to satisfy constraint: Member must have length greater than or equal to %d", r.field, r.least)
	case n > r.most:
		return tooLong(r.field, r.most)
	case !r.pattern.MatchString(value):
		return invalid("The specified value for %s is invalid. %s", r.field, r.message)
	}
	return nil
}

func missing(field string) error {
	return invalid("1 validation error detected: Value at '%s' failed to satisfy constraint: Member must not be null", field)
}

func tooLong(field string, most int) error {
	return invalid("1 validation error detected: Value at '%s' failed to satisfy constraint: Member must have length less than or equal to %d", field, most)
}

func validateItems(c *Call) error {
	n, err := c.Params.Int("MaxItems", defaultItems)
	switch {
	case err != nil:
		return err
	case n < 1:
		return invalid("1 validation error detected: Value at 'maxItems' failed to satisfy constraint: Member must have value greater than or equal to 1")
	case n > maxItems:
		return invalid("1 validation error detected: Value at 'maxItems' failed to satisfy constraint: Member must have value less than or equal to %d", maxItems)
	}
	return nil
}

// validateTags holds tags and tag keys to their rules, each named by its
// place.
func validateTags(c *Call) error {
	action := c.Params.Get("Action")
	given := 0
	for i := 1; ; i++ {
		prefix := "Tags.member." + strconv.Itoa(i)
		hasKey, hasValue := c.Params.Has(prefix+".Key"), c.Params.Has(prefix+".Value")
		if !hasKey && !hasValue {
			break
		}
		if given++; given > maxTags {
			return tooLong("tags", maxTags)
		}
		field := "tags." + strconv.Itoa(i) + ".member."
		if !hasKey {
			return missing(field + "key")
		}
		if !hasValue {
			return missing(field + "value")
		}
		if err := validateTag(field, c.Params.Get(prefix+".Key"), c.Params.Get(prefix+".Value")); err != nil {
			return err
		}
	}
	if strings.HasPrefix(action, "Tag") && given == 0 {
		return missing("tags")
	}
	if err := checkTwice(c); err != nil {
		return err
	}
	return validateTagKeys(c)
}

// foldsTags says whether the tag keys of what an action is about are the same
// in any case. Those of OpenID Connect providers are not.
func foldsTags(action string) bool { return !strings.Contains(action, "OpenIDConnectProvider") }

// checkTwice refuses keys that are there twice or belong to AWS.
func checkTwice(c *Call) error {
	seen := map[string]string{}
	for _, tag := range c.Params.Tags("Tags") {
		folded := strings.ToLower(tag.Key)
		if strings.HasPrefix(folded, "aws:") {
			return invalidInput("System tags cannot be added/updated by requester.")
		}
		if !foldsTags(c.Params.Get("Action")) {
			folded = tag.Key
		}
		before, twice := seen[folded]
		switch {
		case twice && before == tag.Key && !foldsTags(c.Params.Get("Action")):
			return invalidInput("Duplicate tag keys found.")
		case twice:
			return invalidInput("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
		seen[folded] = tag.Key
	}
	return nil
}

func validateTag(field, key, value string) error {
	switch {
	case key == "":
		return invalid("1 validation error detected: Value at '%skey' failed to satisfy constraint: Member must have length greater than or equal to 1", field)
	case utf8.RuneCountInString(key) > 128:
		return tooLong(field+"key", 128)
	case !tagPattern.MatchString(key):
		return invalid(`1 validation error detected: Value at '%skey' failed to satisfy constraint: Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+`, field)
	case utf8.RuneCountInString(value) > 256:
		return tooLong(field+"value", 256)
	case !tagPattern.MatchString(value):
		return invalid(`1 validation error detected: Value at '%svalue' failed to satisfy constraint: Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]*`, field)
	}
	return nil
}

func validateTagKeys(c *Call) error {
	keys := c.Params.List("TagKeys")
	if len(keys) > maxTags {
		return tooLong("tagKeys", maxTags)
	}
	for _, key := range keys {
		if key == "" || utf8.RuneCountInString(key) > 128 || !tagPattern.MatchString(key) {
			return invalid(`1 validation error detected: Value at 'tagKeys' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+, Member must not be null]`)
		}
	}
	return nil
}
