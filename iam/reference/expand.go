package reference

import "strings"

// Expand returns the full names of the actions that a policy's pattern covers
// ("s3:Get*", "*"), sorted. "*" and "?" are wildcards anywhere, also in the
// service. Case doesn't matter. For a name without wildcards, Expand returns
// the name as AWS writes it, or nothing if there is no such action.
func Expand(pattern string) []string {
	var out []string
	for _, a := range ExpandActions(pattern) {
		out = append(out, a.String())
	}
	return out
}

// ExpandActions is like [Expand], but returns the actions themselves.
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

// matching returns the services whose prefix matches a lower-case pattern.
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

// Match reports whether text matches a pattern in which "*" matches any text,
// including none, and "?" any one character. It takes time at most
// proportional to the product of the lengths.
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
