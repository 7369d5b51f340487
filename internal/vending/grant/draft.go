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
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/vending/idtoken"
	"github.com/windlass-io/windlass/internal/vending/provider"
)

// Draft is what a caller says of a grant.
type Draft struct {
	Name              string
	Provider          string // ID or name, or [provider.Members]
	Conditions        []Condition
	Integration       string        // ID or name
	Bucket            string        // default: that of the integration, when it has one
	Prefixes          []string      // default: those of the integration in the bucket
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

// faults are all that is wrong with a grant that is about to be saved.
type faults struct{ findings []problem.Finding }

func (f *faults) add(bad bool, path, format string, args ...any) {
	if bad {
		f.findings = append(f.findings, problem.Finding{Path: path, Message: fmt.Sprintf(format, args...)})
	}
}

func (f *faults) err() error {
	if len(f.findings) == 0 {
		return nil
	}
	return problem.New(problem.Invalid, "The grant cannot be saved like this: %s", f.findings[0].Message).WithFindings(f.findings...)
}

// of makes the grant of a draft, before it is checked.
func of(d Draft) Grant {
	g := Grant{
		Name: d.Name, Conditions: slices.Clone(d.Conditions), Bucket: d.Bucket, Prefixes: slices.Clone(d.Prefixes), Actions: sorted(d.Actions),
		MaxDuration: cmp.Or(d.MaxDuration, assume.DefaultDuration), Exchanges: cmp.Or(d.Exchanges, 1),
		NotBefore: d.NotBefore.UTC().Truncate(time.Microsecond), NotAfter: d.NotAfter.UTC().Truncate(time.Microsecond),
		AllowForks: d.AllowForks, AllowSSHReruns: d.AllowSSHReruns, AllowPullRequests: d.AllowPullRequests,
		Users: slices.Clone(d.Users), Tags: slices.Clone(d.Tags),
	}
	if len(d.Actions) == 0 {
		g.Actions = []Action{List, Read}
	}
	return g
}

// check holds a grant to the rules, all of them at once. p is nil for a grant
// for members.
func (g *Grant) check(p *provider.Provider, reach Reach, actions []Action) error {
	var f faults
	f.add(!nameForm.MatchString(g.Name), "name", "The name %q is not 1 to 64 letters, digits, spaces or ._-, beginning with a letter or digit.", bounded(g.Name))
	f.add(g.MaxDuration < assume.MinDuration || g.MaxDuration > assume.MaxDuration, "max_duration_seconds", "Credentials last 900 to 43200 seconds, not %d.", int(g.MaxDuration.Seconds()))
	f.add(g.Exchanges < 1 || g.Exchanges > MaxExchanges, "exchanges", "A token is exchanged 1 to %d times, not %d.", MaxExchanges, g.Exchanges)
	f.add(!g.NotBefore.IsZero() && !g.NotAfter.IsZero() && !g.NotBefore.Before(g.NotAfter), "not_after", "The grant would end before it begins.")
	for _, a := range actions {
		f.add(!slices.Contains(Actions(), a), "actions", "The action %q is not list, read, write or delete.", bounded(string(a)))
	}
	g.checkUsers(&f, p)
	g.checkPlace(&f, reach)
	if p == nil {
		f.add(len(g.Conditions) > 0, "conditions", "A grant for members has no conditions: name the members as users.")
		f.add(len(g.Tags) > 0, "tags", "A grant for members has no tags: there is no token to take them from.")
		return f.err()
	}
	g.checkConditions(&f, p)
	g.checkIdentity(&f, p)
	f.add(len(g.Tags) > MaxTags, "tags", "%d tags are named; a grant has at most %d.", len(g.Tags), MaxTags)
	for i, name := range g.Tags {
		_, declared := p.Claim(name)
		f.add(!declared || slices.Contains(g.Tags[:i], name), fmt.Sprintf("tags[%d]", i), "The provider declares no claim %q, or it is named twice.", bounded(name))
	}
	return f.err()
}

func (g *Grant) checkUsers(f *faults, p *provider.Provider) {
	f.add(len(g.Users) > MaxUsers, "users", "%d users are named; a grant has at most %d.", len(g.Users), MaxUsers)
	for i, u := range g.Users {
		f.add(!userForm.MatchString(u) && (p != nil || u != Everyone), fmt.Sprintf("users[%d]", i), "%q is not the ID of a user.", bounded(u))
		f.add(slices.Contains(g.Users[:i], u), fmt.Sprintf("users[%d]", i), "The user %q is named twice.", bounded(u))
	}
	if p == nil {
		f.add(len(g.Users) == 0, "users", "A grant for members names them, or every member with *.")
		return
	}
	claim, ok := p.Of(provider.User)
	f.add((len(g.Users) > 0 || g.UsesUser()) && (!ok || !claim.Unchanging), "users", "The provider's tokens do not name a user by an ID that stays.")
}

// checkPlace holds the locations to the grammar and to the integration's.
func (g *Grant) checkPlace(f *faults, reach Reach) {
	const anybody = "u"
	f.add(len(g.Prefixes) == 0 || len(g.Prefixes) > MaxPrefixes, "prefixes", "%d prefixes are named; a grant has 1 to %d.", len(g.Prefixes), MaxPrefixes)
	for i, prefix := range g.Prefixes {
		path := fmt.Sprintf("prefixes[%d]", i)
		rest := expand(prefix, anybody)
		l, err := object.NewLocation(g.Bucket, rest)
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
		l.Prefix = fixed // what is the same for everyone
		f.add(!reach.Covers(l), path, "The prefix s3://%s/%s lies outside the integration's locations.", g.Bucket, g.Prefixes[i])
	}
	f.add(!reach.Writes && (slices.Contains(g.Actions, Write) || slices.Contains(g.Actions, Delete)), "actions", "The integration is for reading; the grant cannot write or delete.")
}

func (g *Grant) checkConditions(f *faults, p *provider.Provider) {
	f.add(len(g.Conditions) > MaxConditions, "conditions", "%d conditions are named; a grant has at most %d.", len(g.Conditions), MaxConditions)
	for i, c := range g.Conditions {
		path := fmt.Sprintf("conditions[%d]", i)
		claim, declared := p.Claim(c.Claim)
		if !declared {
			f.add(true, path+".claim", "The provider declares no claim %q; see windlass provider show %s.", bounded(c.Claim), p.Name)
			continue
		}
		f.add(c.Operator != Equals && c.Operator != OneOf && c.Operator != Glob, path+".operator", "The operator %q is not equals, one_of or glob.", bounded(string(c.Operator)))
		f.add(c.Operator == Glob && claim.Role != provider.Ref, path+".operator", "A glob is for branches and tags alone; %q is another kind of claim.", c.Claim)
		f.add(c.Operator == Equals && len(c.Values) != 1 || len(c.Values) == 0 || len(c.Values) > MaxValues, path+".values", "%s has %d values; equals has one, the others 1 to %d.", c.Operator, len(c.Values), MaxValues)
		for _, v := range c.Values {
			f.add(valueFault(claim, c.Operator, v) != "", path+".values", "%q %s.", bounded(v), valueFault(claim, c.Operator, v))
		}
	}
}

func valueFault(claim provider.Claim, operator Operator, v string) string {
	switch {
	case v == "" || len(v) > maxValueBytes || strings.ContainsFunc(v, func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }):
		return "is not 1 to 512 bytes that print"
	case claim.Kind == idtoken.Boolean && v != "true" && v != "false":
		return "is not true or false"
	case operator == Glob && strings.Contains(v, "**"):
		return "has **: a star stays within a segment"
	case operator == Glob && strings.Trim(v, "*/") == "":
		return "matches every ref of its depth"
	case operator != Glob && strings.Contains(v, "*") && (claim.Role == provider.Ref || claim.Role == provider.Subject):
		return "has a star, which stands for itself here: on a ref, glob is the operator for patterns"
	}
	return ""
}

// checkIdentity refuses a grant that lets in strangers.
func (g *Grant) checkIdentity(f *faults, p *provider.Provider) {
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
	f.add(!identity && len(g.Users) == 0, "conditions", "No condition says whose job it is: every job of the provider would get in. Name a project, a user or a context by its ID.")
	f.add(p.Shared && !fixed, "conditions", "The issuer %s is shared by many customers, and no condition names an organization or project by its ID: a stranger's job could get in.", p.Issuer)
}

// Warnings are what is allowed, and worth a second thought. p is nil for a
// grant for members.
func (g *Grant) Warnings(p *provider.Provider) []string {
	if p == nil {
		return nil
	}
	var out []string
	for _, c := range g.Conditions {
		if claim, _ := p.Claim(c.Claim); claim.Instead != "" {
			out = append(out, fmt.Sprintf("%s is a name, and somebody else can take it when it is given up; match on %s.", c.Claim, claim.Instead))
		}
	}
	if g.AllowForks {
		out = append(out, "Forks are let in: whoever can open a pull request can run code with these credentials.")
	}
	if g.AllowPullRequests && (slices.Contains(g.Actions, Write) || slices.Contains(g.Actions, Delete)) {
		out = append(out, "Pull requests are let in, and may write or delete: nobody has looked at their code yet.")
	}
	if onlyOrganization(g, p) {
		out = append(out, "Every job of the organization gets in: name a project as well.")
	}
	return out
}

func onlyOrganization(g *Grant, p *provider.Provider) bool {
	return len(g.Users) == 0 && !slices.ContainsFunc(g.Conditions, func(c Condition) bool {
		claim, _ := p.Claim(c.Claim)
		return slices.Contains([]provider.Role{provider.Project, provider.Subject, provider.User, provider.Context}, claim.Role)
	})
}

// bounded cuts what a caller gave to what a sentence bears.
func bounded(s string) string { return s[:min(len(s), 80)] }
