package grant

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/windlass-io/windlass/internal/assume"
	"github.com/windlass-io/windlass/internal/clip"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/vending/idtoken"
	"github.com/windlass-io/windlass/internal/vending/provider"
)

// Draft describes a grant to create.
type Draft struct {
	Name              string
	Provider          string // ID or name, or [provider.Members]
	Conditions        []Condition
	Integration       string        // ID or name
	Bucket            string        // default: the integration's, if it has only one
	Prefixes          []string      // default: the integration's in the bucket
	Actions           []Action      // default: list and read
	MaxDuration       time.Duration // default one hour
	Exchanges         int           // default 1
	NotBefore         time.Time
	NotAfter          time.Time
	AllowForks        bool
	AllowSSHReruns    bool
	AllowPullRequests bool
	Users             []string
	Tags              []string
}

var nameForm = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,63}$`)

// findings collects everything that is invalid in a grant.
type findings []problem.Finding

func (f *findings) add(invalid bool, path, format string, args ...any) {
	if invalid {
		*f = append(*f, problem.Finding{Path: path, Message: fmt.Sprintf(format, args...)})
	}
}

func (f findings) err() error {
	if len(f) == 0 {
		return nil
	}
	return problem.New(problem.Invalid, "The grant is invalid: %s", f[0].Message).WithFindings(f...)
}

// fromDraft returns the grant of a draft, without validating it.
func fromDraft(d Draft) Grant {
	g := Grant{
		Name: d.Name, Conditions: slices.Clone(d.Conditions), Bucket: d.Bucket, Prefixes: slices.Clone(d.Prefixes),
		Actions: sorted(d.Actions), Exchanges: cmp.Or(d.Exchanges, 1),
		MaxDuration: cmp.Or(d.MaxDuration, assume.DefaultDuration),
		NotBefore:   d.NotBefore.UTC().Truncate(time.Microsecond), NotAfter: d.NotAfter.UTC().
				Truncate(time.Microsecond),
		AllowForks: d.AllowForks, AllowSSHReruns: d.AllowSSHReruns, AllowPullRequests: d.AllowPullRequests,
		Users: slices.Clone(d.Users), Tags: slices.Clone(d.Tags),
	}
	if len(d.Actions) == 0 {
		g.Actions = []Action{List, Read}
	}
	return g
}

// validate checks everything and returns all findings. p is nil for a grant
// for members. actions are those of the draft.
func (g *Grant) validate(p *provider.Provider, reach Reach, actions []Action) error {
	var f findings
	f.add(!nameForm.MatchString(g.Name), "name",
		"The name %s isn't 1 to 64 letters, digits, spaces or ._- that start with a letter or digit.", quoted(g.Name))
	f.add(g.MaxDuration < assume.MinDuration || g.MaxDuration > assume.MaxDuration, "max_duration_seconds",
		"The lifetime is %d seconds. Use 900 to 43200.", int(g.MaxDuration.Seconds()))
	f.add(g.Exchanges < 1 || g.Exchanges > MaxExchanges, "exchanges",
		"The number of exchanges is %d. Use 1 to %d.", g.Exchanges, MaxExchanges)
	f.add(!g.NotBefore.IsZero() && !g.NotAfter.IsZero() && !g.NotBefore.Before(g.NotAfter), "not_after",
		"The end of the grant isn't after its start.")
	for _, a := range actions {
		f.add(!slices.Contains(Actions(), a), "actions",
			"The action %s isn't list, read, write or delete.", quoted(string(a)))
	}
	g.validateUsers(&f, p)
	g.validatePrefixes(&f, reach)
	if p == nil {
		f.add(len(g.Conditions) > 0, "conditions",
			"A grant for members can't have conditions. List the members as users.")
		f.add(len(g.Tags) > 0, "tags", "A grant for members can't have tags, because there is no token with claims.")
		return f.err()
	}
	g.validateConditions(&f, p)
	g.rejectStrangers(&f, p)
	g.validateTags(&f, p)
	return f.err()
}

func (g *Grant) validateTags(f *findings, p *provider.Provider) {
	f.add(len(g.Tags) > MaxTags, "tags", "The grant has %d tags. The limit is %d.", len(g.Tags), MaxTags)
	for i, name := range g.Tags {
		path := fmt.Sprintf("tags[%d]", i)
		_, declared := p.Claim(name)
		f.add(!declared, path, "The provider has no claim %s.", quoted(name))
		f.add(slices.Contains(g.Tags[:i], name), path, "The tag %s is listed twice.", quoted(name))
	}
}

func (g *Grant) validateUsers(f *findings, p *provider.Provider) {
	f.add(len(g.Users) > MaxUsers, "users", "The grant has %d users. The limit is %d.", len(g.Users), MaxUsers)
	for i, u := range g.Users {
		path := fmt.Sprintf("users[%d]", i)
		f.add(!userForm.MatchString(u) && (p != nil || u != Everyone), path, "%s isn't a user ID.", quoted(u))
		f.add(slices.Contains(g.Users[:i], u), path, "The user %s is listed twice.", quoted(u))
	}
	if p == nil {
		f.add(len(g.Users) == 0, "users", "A grant for members needs users. Use * for all members.")
		return
	}
	claim, ok := p.Of(provider.User)
	f.add((len(g.Users) > 0 || g.UsesUser()) && (!ok || !claim.Unchanging), "users",
		"The provider's tokens have no permanent user ID.")
}

// validatePrefixes checks the syntax of the prefixes, and that the integration
// covers them. It adds a missing slash at the end.
func (g *Grant) validatePrefixes(f *findings, reach Reach) {
	const sampleUser = "u"
	f.add(len(g.Prefixes) == 0 || len(g.Prefixes) > MaxPrefixes, "prefixes",
		"The grant has %d prefixes. Use 1 to %d.", len(g.Prefixes), MaxPrefixes)
	for i, prefix := range g.Prefixes {
		path := fmt.Sprintf("prefixes[%d]", i)
		l, err := object.NewLocation(g.Bucket, expand(prefix, sampleUser))
		if err != nil {
			for _, finding := range problem.From(err).Findings {
				f.add(true, path, "%s", finding.Message)
			}
			continue
		}
		if prefix != "" && !strings.HasSuffix(prefix, "/") {
			g.Prefixes[i] = prefix + "/"
		}
		fixed, _, _ := strings.Cut(g.Prefixes[i], UserVariable)
		l.Prefix = fixed // the part that is the same for all users
		f.add(!reach.Covers(l), path,
			"The prefix s3://%s/%s is outside the integration's locations.", g.Bucket, g.Prefixes[i])
	}
	f.add(!reach.Writes && (slices.Contains(g.Actions, Write) || slices.Contains(g.Actions, Delete)), "actions",
		"The integration is read-only, so the grant can't allow write or delete.")
}

func (g *Grant) validateConditions(f *findings, p *provider.Provider) {
	f.add(len(g.Conditions) > MaxConditions, "conditions",
		"The grant has %d conditions. The limit is %d.", len(g.Conditions), MaxConditions)
	for i, c := range g.Conditions {
		path := fmt.Sprintf("conditions[%d]", i)
		claim, declared := p.Claim(c.Claim)
		if !declared {
			f.add(true, path+".claim",
				"The provider has no claim %s. See windlass provider show %s.", quoted(c.Claim), p.Name)
			continue
		}
		f.add(!slices.Contains([]Operator{Equals, OneOf, Glob}, c.Operator), path+".operator",
			"The operator %s isn't equals, one_of or glob.", quoted(string(c.Operator)))
		f.add(c.Operator == Glob && claim.Role != provider.Ref, path+".operator",
			"Use glob only for branches and tags. %q is another kind of claim.", c.Claim)
		f.add(c.Operator == Equals && len(c.Values) != 1 || len(c.Values) == 0 || len(c.Values) > MaxValues,
			path+".values",
			"The condition has %d values. Use one for equals, and 1 to %d for the other operators.", len(c.Values),
			MaxValues)
		for _, v := range c.Values {
			f.add(explainValue(claim, c.Operator, v) != "", path+".values",
				"%s %s.", quoted(v), explainValue(claim, c.Operator, v))
		}
	}
}

// explainValue returns why a value is invalid, or "" if it is valid.
func explainValue(claim provider.Claim, operator Operator, v string) string {
	switch {
	case v == "" || len(v) > maxValueBytes || strings.ContainsFunc(v, isUnprintable):
		return "isn't 1 to 512 bytes of printable text"
	case claim.Kind == idtoken.Boolean && v != "true" && v != "false":
		return "isn't true or false"
	case operator == Glob && strings.Contains(v, "**"):
		return "contains **. A star matches within a segment only"
	case operator == Glob && strings.Trim(v, "*/") == "":
		return "matches every ref with this number of segments"
	case operator != Glob && strings.Contains(v, "*") && (claim.Role == provider.Ref || claim.Role == provider.Subject):
		return "contains a star, which has no special meaning here. For patterns of refs, use glob"
	}
	return ""
}

func isUnprintable(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }

// rejectStrangers rejects a grant that jobs of other organizations could use.
func (g *Grant) rejectStrangers(f *findings, p *provider.Provider) {
	identity, fixed := false, p.Organization != ""
	for _, c := range g.Conditions {
		claim, _ := p.Claim(c.Claim)
		if c.Operator == Glob {
			continue
		}
		switch claim.Role {
		case provider.Project, provider.Subject:
			identity, fixed = true, fixed || claim.Unchanging
		case provider.Organization:
			identity, fixed = true, fixed || claim.Unchanging
		case provider.User, provider.Context:
			identity = true
		case provider.Ref, provider.Job, provider.Event, provider.Plain:
		}
	}
	f.add(!identity && len(g.Users) == 0, "conditions",
		"Without a condition on a project, a user or a context, every job of the provider could use the grant. "+
			"Add a condition with its ID.")
	f.add(p.Shared && !fixed, "conditions",
		"Many customers share the issuer %s. Add a condition with the ID of an organization or project; "+
			"otherwise, a stranger's job could use the grant.", p.Issuer)
}

// Warnings returns warnings about a valid grant. p is nil for a grant for
// members.
func (g *Grant) Warnings(p *provider.Provider) []string {
	if p == nil {
		return nil
	}
	var out []string
	for _, c := range g.Conditions {
		if claim, _ := p.Claim(c.Claim); claim.Instead != "" {
			out = append(out, fmt.Sprintf(
				"%s is a name. If it is released, somebody else can take it over. Use %s "+
					"instead.", c.Claim, claim.Instead))
		}
	}
	if g.AcceptsOtherRepositories(p) {
		out = append(out, "The project's ID doesn't say which repository a job checked out. Add a condition on "+
			"oidc.circleci.com/vcs-origin; otherwise, a branch of a fork with the same name could use the grant.")
	}
	if g.AllowForks {
		out = append(out, "Forks are allowed: anyone who can open a pull request can run code with these credentials.")
	}
	if g.AllowPullRequests && (slices.Contains(g.Actions, Write) || slices.Contains(g.Actions, Delete)) {
		out = append(out, "Pull requests are allowed to write or delete, before anyone has reviewed their code.")
	}
	if acceptsOrganization(g, p) {
		out = append(out, "Every job of the organization can use the grant. Add a condition on a project.")
	}
	return out
}

// acceptsOrganization reports whether the grant accepts every job of an
// organization.
func acceptsOrganization(g *Grant, p *provider.Provider) bool {
	narrow := []provider.Role{provider.Project, provider.Subject, provider.User, provider.Context}
	return len(g.Users) == 0 && !slices.ContainsFunc(g.Conditions, func(c Condition) bool {
		claim, _ := p.Claim(c.Claim)
		return slices.Contains(narrow, claim.Role)
	})
}

// quoted quotes a caller's input for a sentence, clipped to 80 bytes.
func quoted(s string) string { return clip.Quote(s, 80) }

// AcceptsOtherRepositories reports whether a token of another repository could
// use the grant on an allowed ref: the provider's tokens name the repository, and
// the grant has a condition on the ref but none on the repository.
func (g *Grant) AcceptsOtherRepositories(p *provider.Provider) bool {
	if p == nil || p.Kind != provider.CircleCI || g.AllowForks {
		return false
	}
	has := func(claim string) bool {
		return slices.ContainsFunc(g.Conditions, func(c Condition) bool { return c.Claim == claim })
	}
	return !has("oidc.circleci.com/vcs-origin") && !has("sub")
}
