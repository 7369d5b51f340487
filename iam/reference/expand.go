package reference

import "strings"

// Expand returns the actions that a pattern of a policy covers ("s3:Get*",
// "*"), by their whole names, services and names sorted. "*" and "?" may stand
// anywhere, in the service too; case does not matter. A name without wildcards
// gives itself as AWS writes it, or nothing.
func Expand(pattern string) []string {
	var out []string
	for _, a := range ExpandActions(pattern) {
		out = append(out, a.String())
	}
	return out
}

// ExpandActions is [Expand], giving the actions themselves.
func ExpandActions(pattern string) []*Action {
	if pattern == "*" {
		pattern = "*:*"
	}
	prefix, name, ok := strings.Cut(strings.ToLower(pattern), ":")
	if !ok {
		return nil
	}
	if !strings.ContainsAny(prefix+name, "*?") {
		if a := FindAction(pattern); a != nil {
			return []*Action{a}
		}
		return nil
	}
	var out []*Action
	for _, service := range matching(prefix) {
		for i := range service.Actions {
			if Match(name, service.Actions[i].lower) {
				out = append(out, &service.Actions[i])
			}
		}
	}
	return out
}

// matching returns the services whose prefix matches a pattern in lower case.
func matching(pattern string) []*Service {
	if !strings.ContainsAny(pattern, "*?") {
		if service := FindService(pattern); service != nil {
			return []*Service{service}
		}
		return nil
	}
	var out []*Service
	for _, prefix := range Services() {
		if Match(pattern, prefix) {
			out = append(out, FindService(prefix))
		}
	}
	return out
}

// Match reports whether text matches a pattern in which "*" stands for any
// characters or none and "?" for one. It takes time in proportion to the
// product of the lengths at worst.
func Match(pattern, text string) bool {
	star, mark := -1, 0
	i, p := 0, 0
	for i < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, i
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[i]):
			i++
			p++
		case star >= 0:
			mark++
			i, p = mark, star+1
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
