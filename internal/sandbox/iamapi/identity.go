package iamapi

import (
	"maps"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
)

// bearer is a kind of identity that has policies: user, role or group.
type bearer struct {
	Kind       string // "User", as in the names of actions
	characters int    // quota of all inline policies together
	nameLimit  int
	get        func(c *call, tx *directory.Tx) (*directory.Identity, error)
	put        func(tx *directory.Tx, changed *directory.Identity)
}

func userBearer() bearer {
	return bearer{
		"User", maxUserCharacters, 64,
		func(c *call, tx *directory.Tx) (*directory.Identity, error) {
			user, err := c.user(tx)
			if err != nil {
				return nil, err
			}
			return &user.Identity, nil
		},
		func(tx *directory.Tx, changed *directory.Identity) {
			tx.Users.Put(changed.Account, changed.Name, &directory.User{Identity: *changed})
		},
	}
}

func roleBearer() bearer {
	return bearer{
		"Role", maxRoleCharacters, 64,
		func(c *call, tx *directory.Tx) (*directory.Identity, error) {
			role, err := c.role(tx)
			if err != nil {
				return nil, err
			}
			return &role.Identity, nil
		},
		func(tx *directory.Tx, changed *directory.Identity) {
			role := *tx.Roles.Get(changed.Account, changed.Name)
			role.Identity = *changed
			tx.Roles.Put(changed.Account, changed.Name, &role)
		},
	}
}

func groupBearer() bearer {
	return bearer{
		"Group", maxGroupCharacters, 128,
		func(c *call, tx *directory.Tx) (*directory.Identity, error) {
			group, err := c.group(tx)
			if err != nil {
				return nil, err
			}
			return &group.Identity, nil
		},
		func(tx *directory.Tx, changed *directory.Identity) {
			group := *tx.Groups.Get(changed.Account, changed.Name)
			group.Identity = *changed
			tx.Groups.Put(changed.Account, changed.Name, &group)
		},
	}
}

// resource returns the ARN of the identity in a call, even if it doesn't
// exist.
func (b bearer) resource(c *call, tx *directory.Tx) string {
	switch b.Kind {
	case "User":
		return c.userARN(tx)
	case "Role":
		return c.roleARN(tx)
	default:
		return c.groupARN(tx)
	}
}

func (b bearer) policyKey(c *call, _ *directory.Tx) []authz.Key {
	return []authz.Key{authz.K("iam:PolicyARN", c.Params.Get("PolicyArn"))}
}

// operations are the calls on policies that every bearer has.
func (b bearer) operations(table map[string]operation) {
	table["Put"+b.Kind+"Policy"] = operation{true, b.resource, nil, b.putInline}
	table["Get"+b.Kind+"Policy"] = operation{false, b.resource, nil, b.getInline}
	table["Delete"+b.Kind+"Policy"] = operation{true, b.resource, nil, b.deleteInline}
	table["List"+b.Kind+"Policies"] = operation{false, b.resource, nil, b.listInline}
	table["Attach"+b.Kind+"Policy"] = operation{true, b.resource, b.policyKey, b.attach}
	table["Detach"+b.Kind+"Policy"] = operation{true, b.resource, b.policyKey, b.detach}
	table["ListAttached"+b.Kind+"Policies"] = operation{false, b.resource, nil, b.listAttached}
}

func (b bearer) putInline(c *call, tx *directory.Tx) (any, error) {
	identity, err := b.get(c, tx)
	if err != nil {
		return nil, err
	}
	name := c.Params.Get("PolicyName")
	document, err := ReadDocument(iam.Identity, c.Params.Get("PolicyDocument"))
	if err != nil {
		return nil, err
	}
	total := characters(document.Text)
	for other, d := range identity.Inline {
		if other != name {
			total += characters(d.Text)
		}
	}
	if total > b.characters {
		return nil, limitExceeded(
			"Maximum policy size of %d bytes exceeded for %s %s",
			b.characters,
			lowerFirst(b.Kind),
			identity.Name,
		)
	}
	changed := *identity
	changed.Inline = maps.Clone(identity.Inline)
	if changed.Inline == nil {
		changed.Inline = map[string]*directory.Document{}
	}
	changed.Inline[name] = document
	b.put(tx, &changed)
	return nil, nil
}

type inlineResult struct {
	UserName       string `xml:",omitempty"`
	RoleName       string `xml:",omitempty"`
	GroupName      string `xml:",omitempty"`
	PolicyName     string
	PolicyDocument string
}

func (b bearer) getInline(c *call, tx *directory.Tx) (any, error) {
	identity, err := b.get(c, tx)
	if err != nil {
		return nil, err
	}
	name := c.Params.Get("PolicyName")
	document := identity.Inline[name]
	if document == nil {
		return nil, b.noInline(name)
	}
	result := inlineResult{PolicyName: name, PolicyDocument: escape(document.Text)}
	switch b.Kind {
	case "User":
		result.UserName = identity.Name
	case "Role":
		result.RoleName = identity.Name
	default:
		result.GroupName = identity.Name
	}
	return result, nil
}

func (b bearer) noInline(name string) error {
	if b.Kind == "Role" {
		return noSuchEntity("The role policy with name %s cannot be found.", cut(name))
	}
	return noSuchEntity("The %s policy with name %s cannot be found.", lowerFirst(b.Kind), cut(name))
}

func (b bearer) deleteInline(c *call, tx *directory.Tx) (any, error) {
	identity, err := b.get(c, tx)
	if err != nil {
		return nil, err
	}
	name := c.Params.Get("PolicyName")
	if identity.Inline[name] == nil {
		return nil, b.noInline(name)
	}
	changed := *identity
	changed.Inline = maps.Clone(identity.Inline)
	delete(changed.Inline, name)
	b.put(tx, &changed)
	return nil, nil
}

type namesResult struct {
	PolicyNames struct {
		Members []string `xml:"member"`
	}
	page
}

func (b bearer) listInline(c *call, tx *directory.Tx) (any, error) {
	identity, err := b.get(c, tx)
	if err != nil {
		return nil, err
	}
	var result namesResult
	result.PolicyNames.Members, result.page, err = paged(
		c,
		slices.Values(directory.SortedNames(identity.Inline)),
		func(s string) string { return s },
	)
	return result, err
}

func (b bearer) attach(c *call, tx *directory.Tx) (any, error) {
	identity, err := b.get(c, tx)
	if err != nil {
		return nil, err
	}
	policy, err := c.policyToUse(tx)
	if err != nil {
		return nil, err
	}
	if slices.Contains(identity.Attached, policy.ARN()) {
		return nil, nil
	}
	if len(identity.Attached) >= maxAttached {
		return nil, quota("PoliciesPer"+b.Kind, maxAttached)
	}
	changed := *identity
	changed.Attached = append(slices.Clone(identity.Attached), policy.ARN())
	b.put(tx, &changed)
	return nil, nil
}

func (b bearer) detach(c *call, tx *directory.Tx) (any, error) {
	identity, err := b.get(c, tx)
	if err != nil {
		return nil, err
	}
	arn := c.Params.Get("PolicyArn")
	at := slices.Index(identity.Attached, arn)
	if at < 0 {
		return nil, noSuchEntity("Policy %s was not found.", cut(arn))
	}
	changed := *identity
	changed.Attached = slices.Delete(slices.Clone(identity.Attached), at, at+1)
	b.put(tx, &changed)
	return nil, nil
}

type attachedXML struct {
	PolicyName string
	PolicyArn  string
}

type attachedResult struct {
	AttachedPolicies struct {
		Members []attachedXML `xml:"member"`
	}
	page
}

func (b bearer) listAttached(c *call, tx *directory.Tx) (any, error) {
	identity, err := b.get(c, tx)
	if err != nil {
		return nil, err
	}
	arns := slices.DeleteFunc(slices.Sorted(slices.Values(identity.Attached)), func(arn string) bool {
		return !strings.HasPrefix(pathIn(arn), c.Params.Get("PathPrefix"))
	})
	list, tail, err := paged(c, slices.Values(arns), func(s string) string { return s })
	if err != nil {
		return nil, err
	}
	result := attachedResult{page: tail}
	result.AttachedPolicies.Members = mapped(list, func(arn string) attachedXML {
		_, _, name := directory.SplitARN(arn)
		return attachedXML{name, arn}
	})
	return result, nil
}

// pathIn returns the path in a policy's ARN: "/staff/" in …:policy/staff/name.
func pathIn(arn string) string {
	_, path, _ := strings.Cut(arn, ":policy")
	return path[:strings.LastIndexByte(path, '/')+1]
}

func lowerFirst(s string) string { return string(s[0]|0x20) + s[1:] }
