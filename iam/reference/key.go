package reference

import (
	"slices"
	"strings"
)

// Type is the type of a condition key's values.
type Type string

// The types.
const (
	String    Type = "String"
	ARN       Type = "ARN"
	Bool      Type = "Bool"
	Numeric   Type = "Numeric"
	Date      Type = "Date"
	IPAddress Type = "IPAddress"
)

// Key is a condition key.
type Key struct {
	Name        string // as AWS writes it, with "*" for a part that the caller chooses: "aws:PrincipalTag/*"
	Type        Type
	Multivalued bool // a request can have several values, so ForAllValues and ForAnyValue make sense
	Global      bool // requests of every service can carry it
}

// amended has keys whose types differ from AWS's user guide.
var amended = map[string]Key{
	"aws:sourcevpcarn": {Name: "aws:SourceVpcArn", Type: ARN, Global: true},
	"cognito-identity.amazonaws.com:amr": {
		Name: "cognito-identity.amazonaws.com:amr", Type: String, Multivalued: true,
	},
	"saml:edupersonprimaryaffiliation": {Name: "saml:eduPersonPrimaryAffiliation", Type: String},
	"s3:inventoryaccessibleoptionalfields": {
		Name: "s3:InventoryAccessibleOptionalFields", Type: String, Multivalued: true,
	},
}

func readKey(name, kind string, global bool) Key {
	if key, ok := amended[strings.ToLower(name)]; ok {
		return key
	}
	element, multivalued := strings.CutPrefix(kind, "ArrayOf")
	return Key{Name: name, Type: Type(element), Multivalued: multivalued, Global: global}
}

// FindKey finds a condition key by its name, ignoring case. A key such as
// aws:PrincipalTag needs its tag: aws:PrincipalTag/team. For an OIDC provider
// that the reference doesn't have ("idp.example.com:sub"), FindKey finds the
// keys that AWS supports for every provider.
func FindKey(name string) (Key, bool) {
	if key, ok := global().key(name); ok {
		return key, true
	}
	prefix, claim, ok := strings.Cut(name, ":")
	if !ok || claim == "" {
		return Key{}, false
	}
	for _, service := range keyServices(prefix) {
		if key, ok := service.key(name); ok {
			return key, true
		}
	}
	if IsProvider(prefix) && slices.Contains(sessionClaims, strings.ToLower(claim)) {
		return Key{Name: name, Type: String, Multivalued: strings.EqualFold(claim, "amr")}, true
	}
	return Key{}, false
}

// NeedsName reports whether a key's name lacks the part that the caller
// chooses: "aws:PrincipalTag" and "aws:PrincipalTag/".
func NeedsName(name string) bool {
	if _, ok := FindKey(name); ok {
		return false
	}
	_, ok := FindKey(strings.TrimSuffix(name, "/") + "/x")
	return ok
}

// Keys returns the names of the keys with the prefix of a service, or "aws",
// as AWS writes them.
func Keys(prefix string) []string {
	var out []string
	for _, service := range append(keyServices(prefix), global()) {
		for _, key := range service.Keys {
			if begin, _, _ := strings.Cut(key.Name, ":"); strings.EqualFold(begin, prefix) {
				out = append(out, key.Name)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (s *Service) key(name string) (Key, bool) {
	for i := range s.Keys {
		if matchKey(s.Keys[i].Name, name) {
			return s.Keys[i], true
		}
	}
	return Key{}, false
}

// keyServices returns the services whose keys have a prefix.
func keyServices(prefix string) []*Service {
	if service := FindService(prefix); service != nil {
		return []*Service{service}
	}
	var out []*Service
	for _, p := range load().prefixes {
		if matchKey(p.pattern, prefix) {
			for _, name := range p.services {
				out = append(out, FindService(name))
			}
		}
	}
	return out
}

// sessionClaims are the claims that AWS supports for every OIDC provider or
// for an older web identity provider, and that stay available in the session.
// See
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html.
var sessionClaims = []string{"amr", "aud", "sub", "oaud", "email", "azp", "app_id", "user_id", "id"}

// IsProvider reports whether a condition key's prefix is the name of an OIDC
// provider: a host, with an optional path.
func IsProvider(prefix string) bool {
	host, _, _ := strings.Cut(prefix, "/")
	return strings.Contains(strings.Trim(host, "."), ".")
}

// matchKey matches a name against a key in which "*" matches at least one
// character. It ignores ASCII case.
func matchKey(pattern, name string) bool {
	for i := 0; i < len(pattern); i++ {
		if pattern[i] == '*' {
			for end := i + 1; end <= len(name); end++ {
				if matchKey(pattern[i+1:], name[end:]) {
					return true
				}
			}
			return false
		}
		if i >= len(name) || lower(pattern[i]) != lower(name[i]) {
			return false
		}
	}
	return len(pattern) == len(name)
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
