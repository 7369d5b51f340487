package reference

import (
	"slices"
	"strings"
)

// within lists actions that are authorized as part of another call and have
// its keys.
var within = []string{"sts:tagsession", "sts:setsourceidentity", "sts:setcontext"}

// assuming lists the calls that authorize them.
var assuming = []string{"sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"}

// requestKeys are global keys that only requests of certain actions have.
var requestKeys = []string{"aws:requesttag/*", "aws:tagkeys", "aws:resourcetag/*"}

// Carries reports whether a request for an action can carry a condition key.
// known is false if the reference doesn't have the action or the key. Names
// ignore case, and the action can't have wildcards.
func Carries(action, key string) (known, carries bool) {
	a := FindAction(action)
	k, ok := FindKey(key)
	if a == nil || !ok {
		return false, false
	}
	return true, a.carries(k, key)
}

func (a *Action) carries(k Key, name string) bool {
	if a.Service.has(a.Keys, name) {
		return true
	}
	for _, i := range a.ResourceTypes {
		if a.Service.has(a.Service.ResourceTypes[i].Keys, name) {
			return true
		}
	}
	switch {
	case k.Global:
		return !slices.Contains(requestKeys, strings.ToLower(k.Name))
	case slices.Contains(within, strings.ToLower(a.String())):
		return slices.ContainsFunc(assuming, func(call string) bool {
			_, carried := Carries(call, name)
			return carried
		})
	}
	prefix, claim, _ := strings.Cut(name, ":")
	if strings.EqualFold(prefix, "saml") {
		return slices.Contains([]string{"namequalifier", "sub", "sub_type"}, strings.ToLower(claim))
	}
	return IsProvider(prefix) && slices.Contains(sessionClaims, strings.ToLower(claim))
}

// has reports whether a key is one of those at some indexes of the service's
// list.
func (s *Service) has(places []int, name string) bool {
	return slices.ContainsFunc(places, func(i int) bool { return matchKey(s.Keys[i].Name, name) })
}
