package directory

import (
	"slices"
	"time"
)

// Account is an AWS account.
type Account struct {
	ID    string
	Name  string
	Alias string
	// CanonicalID is the account's canonical user ID in S3. If empty, it is
	// derived from ID.
	CanonicalID string `json:",omitempty"`
	Created     time.Time
	RootKey     string // access key ID of the root user
	Sequence    int    // order of creation
}

// Identity has the fields that users, roles and groups share.
type Identity struct {
	Account  string
	Path     string // "/" or "/some/path/"
	Name     string
	ID       string // AIDA…, AROA…, AGPA…
	Created  time.Time
	Tags     []Tag                // in the order in which they were set
	Inline   map[string]*Document // by policy name; never changed in place
	Attached []string             // ARNs of managed policies, in the order in which they were attached
	Boundary string               // ARN of the permissions boundary, or empty
}

// Tag is a key and a value of a resource.
type Tag struct{ Key, Value string }

// User is an IAM user.
type User struct{ Identity }

// ARN returns the user's ARN.
func (u *User) ARN() string { return arn(u.Account, "user", u.Path, u.Name) }

// Group is an IAM group.
type Group struct {
	Identity
	Members []string // user names
}

// ARN returns the group's ARN.
func (g *Group) ARN() string { return arn(g.Account, "group", g.Path, g.Name) }

// Role is an IAM role.
type Role struct {
	Identity
	Trust       *Document
	Description string
	MaxSession  time.Duration
	Principals  Principals // the principals of the policy when it was set
}

// ARN returns the role's ARN.
func (r *Role) ARN() string { return arn(r.Account, "role", r.Path, r.Name) }

// Policy is a managed policy.
type Policy struct {
	Account     string
	Path        string
	Name        string
	ID          string // ANPA…
	Description string
	Created     time.Time
	Updated     time.Time
	Tags        []Tag
	Versions    []PolicyVersion // oldest first
	Default     string          // version ID
	Last        int             // number of the newest version ever created
}

// PolicyVersion is one version of a managed policy.
type PolicyVersion struct {
	ID       string // "v1"
	Document *Document
	Created  time.Time
}

// ARN returns the policy's ARN.
func (p *Policy) ARN() string { return arn(p.Account, "policy", p.Path, p.Name) }

// Version returns a version by its ID, or nil.
func (p *Policy) Version(id string) *PolicyVersion {
	for i := range p.Versions {
		if p.Versions[i].ID == id {
			return &p.Versions[i]
		}
	}
	return nil
}

// Document returns the default version's document.
func (p *Policy) Document() *Document {
	if v := p.Version(p.Default); v != nil {
		return v.Document
	}
	return nil
}

// Provider is an OpenID Connect provider.
type Provider struct {
	Account     string
	URL         string // without scheme
	Insecure    bool   // plain HTTP on this machine, which AWS doesn't support
	ClientIDs   []string
	Thumbprints []string
	Tags        []Tag
	Created     time.Time
}

// ARN returns the provider's ARN.
func (p *Provider) ARN() string { return "arn:aws:iam::" + p.Account + ":oidc-provider/" + p.URL }

// InstanceProfile has a role for EC2 instances.
type InstanceProfile struct {
	Account string
	Path    string
	Name    string
	ID      string // AIPA…
	Created time.Time
	Tags    []Tag
	Role    string // role name, or empty
}

// ARN returns the instance profile's ARN.
func (p *InstanceProfile) ARN() string { return arn(p.Account, "instance-profile", p.Path, p.Name) }

// AccessKey is a long-term key of a user or of an account's root.
type AccessKey struct {
	ID      string // AKIA…
	Secret  string // valid in the sandbox only
	Account string
	User    string // user name; empty for the root
	Active  bool
	Created time.Time
}

func arn(account, kind, path, name string) string {
	return "arn:aws:iam::" + account + ":" + kind + path + name
}

// SetTags returns tags with the tags in set added. A tag with a matching key
// gets the new key and value.
func SetTags(tags, set []Tag, same func(a, b string) bool) []Tag {
	out := slices.Clone(tags)
	for _, tag := range set {
		if i := slices.IndexFunc(out, func(t Tag) bool { return same(t.Key, tag.Key) }); i >= 0 {
			out[i] = tag
		} else {
			out = append(out, tag)
		}
	}
	return out
}
