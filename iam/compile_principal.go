package iam

import "strings"

// principalSet is a compiled Principal or NotPrincipal element.
type principalSet struct {
	negated   bool
	any       bool // "*"
	anyAWS    bool // {"AWS": "*"}
	accounts  []namedAccount
	arns      []string // users, roles and sessions
	ids       []string // AWS principals that aren't an ARN, an account or "*": unique IDs
	open      []string // partial wildcards, which AWS doesn't support
	services  []string
	providers []string // under Federated
	owners    []string // canonical user IDs
}

type namedAccount struct {
	partition string // such as "arn:aws:"; empty if the policy has only the 12 digits
	id        string
}

func compilePrincipal(p *PrincipalElement, negated bool) principalSet {
	set := principalSet{negated: negated, any: p.Any}
	for _, entry := range p.Entries {
		for _, v := range entry.Values.Values {
			set.add(entry.Type.Value, v.Value)
		}
	}
	return set
}

func (s *principalSet) add(kind, text string) {
	wildcard := strings.ContainsAny(text, "*?")
	switch {
	case kind == "AWS" && text == "*":
		s.anyAWS = true
	case kind == "AWS" && wildcard:
		s.open = append(s.open, text)
	case kind == "AWS":
		s.addAWS(text)
	case kind == "Service":
		s.services = append(s.services, text)
	case kind == "Federated":
		s.providers = append(s.providers, text)
	default:
		s.owners = append(s.owners, text)
	}
}

func (s *principalSet) addAWS(text string) {
	if isAccountID(text) {
		s.accounts = append(s.accounts, namedAccount{id: text})
		return
	}
	fields, ok := splitARN(text)
	switch {
	case ok && fields[2] == "iam" && fields[5] == "root":
		s.accounts = append(s.accounts, namedAccount{"arn:" + fields[1] + ":", fields[4]})
	case ok:
		s.arns = append(s.arns, text)
	default:
		s.ids = append(s.ids, text)
	}
}

func isAccountID(text string) bool {
	if len(text) != 12 {
		return false
	}
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}
