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
	Name        string // as AWS writes it, "*" for what a caller names: "aws:PrincipalTag/*"
	Type        Type
	Multivalued bool // a request may carry several values, so ForAllValues and ForAnyValue make sense
	Global      bool // every service's requests may carry it
}

// amended are types that the package has otherwise than AWS's user guide.
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

// FindKey finds a condition key by its name, in any case. Where a caller names
// a part, as in aws:PrincipalTag/team, the part must be there. For an OIDC
// provider that the reference does not know ("idp.example.com:sub") the keys
// that AWS has for every provider are found.
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

// NeedsName reports whether the name is that of a key of which a part is missing
// that a caller names: "aws:PrincipalTag" and "aws:PrincipalTag/".
func NeedsName(name string) bool {
	if _, ok := FindKey(name); ok {
		return false
	}
	_, ok := FindKey(strings.TrimSuffix(name, "/") + "/x")
	return ok
}

// Keys returns the names of the keys that begin with a service's prefix, or
// "aws", as AWS writes them.
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

// keyServices are the services that have the keys of a prefix.
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

// sessionClaims are the claims that AWS reads from the token of every OIDC
// provider, or of one of the older web identity providers, and that stay with
// the session. See
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html.
var sessionClaims = []string{"amr", "aud", "sub", "oaud", "email", "azp", "app_id", "user_id", "id"}

// IsProvider reports whether a condition key's prefix is the name of an OIDC
// provider: a host, with a path or without.
func IsProvider(prefix string) bool {
	host, _, _ := strings.Cut(prefix, "/")
	return strings.Contains(strings.Trim(host, "."), ".")
}

// matchKey compares a key with a name in which "*" stands for one character
// or more, without regard to ASCII case.
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
