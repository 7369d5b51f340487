package token

import (
	"slices"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/label"
	"github.com/windlass-io/windlass/internal/origin"
	"github.com/windlass-io/windlass/internal/problem"
)

// check validates the whole draft for a maker with this role.
func (d *Draft) check(role access.Role, now time.Time) error {
	var findings []problem.Finding
	add := func(bad bool, path, message string) {
		if bad {
			findings = append(findings, problem.Finding{Path: path, Message: message})
		}
	}
	add(d.Kind != Secret && d.Kind != Publishable && d.Kind != Personal, "kind",
		"is not secret, publishable or personal")
	add(
		d.Name == "" || !label.Valid(d.Name),
		"name",
		"is empty, longer than 255 bytes, or has characters that can't be printed",
	)
	add(d.Kind != Personal && d.Member != "", "member", "is only for personal tokens")
	add(d.Never && d.Kind == Personal, "expires_at", "can't be never for a personal token, which lasts 90 days at most")
	add(d.Never && role != access.Owner && d.Kind == Secret, "expires_at",
		"can be never only when an owner creates the token")
	add(!d.ExpiresAt.IsZero() && !d.ExpiresAt.After(now), "expires_at", "is not in the future")
	add(d.Kind == Personal && d.ExpiresAt.After(now.Add(PersonalLifetime)), "expires_at",
		"is more than 90 days away, the longest for a personal token")
	add(d.Kind == Secret && d.ExpiresAt.After(now.Add(LongestLifetime)), "expires_at",
		"is more than 5 years away, the longest for a secret token")
	add(d.CacheSeconds < 0 || d.CacheSeconds > MaxCacheSeconds, "cache_seconds", "is not from 0 to 86400")
	add(d.CacheSeconds != 0 && d.Kind != Publishable, "cache_seconds", "is only for publishable tokens")
	add(!d.Limits.Valid(), "limits", "are not from 0 to 1000000000000")
	findings = append(findings, d.checkScopes(role)...)
	findings = append(findings, d.checkPages()...)
	if len(findings) > 0 {
		return invalid(findings)
	}
	return nil
}

// checkScopes reports scopes that don't exist, that don't fit the kind, or
// that a maker with this role can't grant.
func (d *Draft) checkScopes(role access.Role) []problem.Finding {
	var findings []problem.Finding
	add := func(message string) {
		findings = append(findings, problem.Finding{Path: "scopes", Message: message})
	}
	if len(d.Scopes) > MaxScopes || len(d.Scopes) == 0 && d.Kind != Personal {
		add("have to be 1 to 200")
	}
	for _, scope := range d.Scopes {
		switch {
		case !scope.Known():
			add("have " + scope.String() + ", which doesn't exist or lacks its dataset")
		case !scope.Fits(role):
			add("have " + scope.String() + ", which the role " + string(role) + " doesn't have")
		case d.Kind == Publishable && !scope.Named():
			add("have " + scope.String() + ", which a publishable token can't have")
		case d.Kind == Publishable && scope.Action != access.DataRead && scope.Dataset == access.Every:
			add("have " + scope.String() + ": a publishable token writes and deletes only in datasets that it names")
		}
	}
	return findings
}

// checkOperator returns an error for the scope metrics unless the maker is an
// operator, because the metrics cover the whole service.
func checkOperator(scopes []access.Scope, maker access.Actor) error {
	if maker.Operator || !slices.ContainsFunc(scopes,
		func(s access.Scope) bool { return s.Action == access.ScopeMetrics }) {
		return nil
	}
	return invalid([]problem.Finding{{
		Path: "scopes", Message: "have metrics, which only owners of the home workspace have",
	}})
}

// checkPages reports origins and referers that aren't valid, or that the kind can't have.
func (d *Draft) checkPages() []problem.Finding {
	var findings []problem.Finding
	if d.Kind == Publishable {
		_, findings = origin.Parse(d.AllowedOrigins, d.AllowedReferers)
		return findings
	}
	if len(d.AllowedOrigins) > 0 {
		findings = append(findings, problem.Finding{
			Path: "allowed_origins", Message: "is only for publishable tokens: no web page may use another",
		})
	}
	if len(d.AllowedReferers) > 0 {
		findings = append(findings, problem.Finding{
			Path: "allowed_referers", Message: "is only for publishable tokens: no web page may use another",
		})
	}
	return findings
}

func invalid(findings []problem.Finding) error {
	return problem.New(problem.Invalid, "The token isn't valid: %s %s.", findings[0].Path, findings[0].Message).
		WithFindings(findings...)
}
