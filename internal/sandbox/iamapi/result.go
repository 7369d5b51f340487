package iamapi

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/query"
)

// The structures of IAM's results. Nil pointer fields are omitted.

type tagXML struct {
	Key   string
	Value string
}

type boundaryXML struct {
	PermissionsBoundaryType string
	PermissionsBoundaryArn  string
}

type userXML struct {
	Path                string
	UserName            string
	UserID              string `xml:"UserId"`
	Arn                 string
	CreateDate          string
	PermissionsBoundary *boundaryXML `xml:",omitempty"`
	Tags                *tagsXML     `xml:",omitempty"`
}

type tagsXML struct {
	Members []tagXML `xml:"member"`
}

type roleXML struct {
	Path                     string
	RoleName                 string
	RoleID                   string `xml:"RoleId"`
	Arn                      string
	CreateDate               string
	AssumeRolePolicyDocument string
	Description              string       `xml:",omitempty"`
	MaxSessionDuration       int          `xml:",omitempty"`
	PermissionsBoundary      *boundaryXML `xml:",omitempty"`
	Tags                     *tagsXML     `xml:",omitempty"`
	RoleLastUsed             *struct{}    `xml:",omitempty"`
}

type policyXML struct {
	PolicyName                    string
	PolicyID                      string `xml:"PolicyId"`
	Arn                           string
	Path                          string
	DefaultVersionID              string `xml:"DefaultVersionId"`
	AttachmentCount               int
	PermissionsBoundaryUsageCount int
	IsAttachable                  bool
	Description                   string `xml:",omitempty"`
	CreateDate                    string
	UpdateDate                    string
	Tags                          *tagsXML `xml:",omitempty"`
}

type versionXML struct {
	Document         string `xml:",omitempty"`
	VersionID        string `xml:"VersionId"`
	IsDefaultVersion bool
	CreateDate       string
}

type keyXML struct {
	UserName        string `xml:",omitempty"`
	AccessKeyID     string `xml:"AccessKeyId"`
	Status          string
	SecretAccessKey string `xml:",omitempty"`
	CreateDate      string
}

func showTags(tags []directory.Tag) *tagsXML {
	if len(tags) == 0 {
		return nil
	}
	out := &tagsXML{}
	for _, tag := range tags {
		out.Members = append(out.Members, tagXML(tag))
	}
	return out
}

func showBoundary(arn string) *boundaryXML {
	if arn == "" {
		return nil
	}
	return &boundaryXML{"Policy", arn}
}

func showUser(u *directory.User) userXML {
	return userXML{u.Path, u.Name, u.ID, u.ARN(), query.Time(u.Created), showBoundary(u.Boundary), showTags(u.Tags)}
}

func showRole(tx *directory.Tx, r *directory.Role) roleXML {
	return roleXML{
		Path: r.Path, RoleName: r.Name, RoleID: r.ID, Arn: r.ARN(), CreateDate: query.Time(r.Created),
		AssumeRolePolicyDocument: escape(tx.Trust(r).Text), Description: r.Description,
		MaxSessionDuration: int(r.MaxSession / time.Second), PermissionsBoundary: showBoundary(r.Boundary),
		Tags: showTags(r.Tags), RoleLastUsed: &struct{}{},
	}
}

// listedRole describes a role as lists show it: without tags and boundary.
func listedRole(tx *directory.Tx, r *directory.Role) roleXML {
	out := showRole(tx, r)
	out.Tags, out.PermissionsBoundary, out.RoleLastUsed = nil, nil, nil
	return out
}

func listedUser(u *directory.User) userXML {
	out := showUser(u)
	out.Tags, out.PermissionsBoundary = nil, nil
	return out
}

func showPolicy(tx *directory.Tx, p *directory.Policy) policyXML {
	attached, boundaries := usage(tx, p)
	return policyXML{
		PolicyName:                    p.Name,
		PolicyID:                      p.ID,
		Arn:                           p.ARN(),
		Path:                          p.Path,
		DefaultVersionID:              p.Default,
		AttachmentCount:               attached,
		PermissionsBoundaryUsageCount: boundaries,
		IsAttachable:                  true,
		Description:                   p.Description,
		CreateDate:                    query.Time(p.Created),
		UpdateDate:                    query.Time(p.Updated),
		Tags:                          showTags(p.Tags),
	}
}

// usage returns the number of identities that a policy is attached to, and of
// those that it is the boundary of.
func usage(tx *directory.Tx, p *directory.Policy) (attached, boundaries int) {
	arn := p.ARN()
	count := func(i *directory.Identity) {
		if slices.Contains(i.Attached, arn) {
			attached++
		}
		if i.Boundary == arn {
			boundaries++
		}
	}
	for account := range tx.Accounts.Every() {
		if p.Account != "aws" && account.ID != p.Account {
			continue
		}
		for u := range tx.Users.All(account.ID) {
			count(&u.Identity)
		}
		for r := range tx.Roles.All(account.ID) {
			count(&r.Identity)
		}
		for g := range tx.Groups.All(account.ID) {
			count(&g.Identity)
		}
	}
	return attached, boundaries
}

// escape encodes a document as IAM returns it: percent-encoded by RFC 3986.
func escape(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }
