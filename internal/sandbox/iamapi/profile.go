package iamapi

import (
	"slices"

	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/query"
)

func (c *call) profile(tx *directory.Tx) (*directory.InstanceProfile, error) {
	name := c.Params.Get("InstanceProfileName")
	profile := tx.Profiles.Get(c.Caller.Account, name)
	if profile == nil || profile.Name != name {
		return nil, noSuchEntity("Instance Profile %s cannot be found.", cut(name))
	}
	return profile, nil
}

func profileARN(c *call, tx *directory.Tx) string {
	name := c.Params.Get("InstanceProfileName")
	if profile := tx.Profiles.Get(c.Caller.Account, name); profile != nil {
		return profile.ARN()
	}
	return "arn:aws:iam::" + c.Caller.Account + ":instance-profile" + pathOf(c.Params.Get("Path")) + name
}

type profileXML struct {
	Path                string
	InstanceProfileName string
	InstanceProfileID   string `xml:"InstanceProfileId"`
	Arn                 string
	CreateDate          string
	Roles               struct {
		Members []roleXML `xml:"member"`
	}
	Tags *tagsXML `xml:",omitempty"`
}

func showProfile(tx *directory.Tx, p *directory.InstanceProfile) profileXML {
	out := profileXML{
		Path:                p.Path,
		InstanceProfileName: p.Name,
		InstanceProfileID:   p.ID,
		Arn:                 p.ARN(),
		CreateDate:          query.Time(p.Created),
		Tags:                showTags(p.Tags),
	}
	if role := tx.Roles.Get(p.Account, p.Role); p.Role != "" && role != nil {
		out.Roles.Members = []roleXML{listedRole(tx, role)}
	}
	return out
}

type profileResult struct{ InstanceProfile profileXML }

func createProfile(c *call, tx *directory.Tx) (any, error) {
	name := c.Params.Get("InstanceProfileName")
	path := pathOf(c.Params.Get("Path"))
	profile := &directory.InstanceProfile{
		Account: c.Caller.Account,
		Path:    path,
		Name:    name,
		ID:      directory.NewID(directory.ProfileID),
		Created: c.now,
		Tags:    c.Params.Tags("Tags"),
	}
	if tx.Profiles.Get(profile.Account, name) != nil {
		return nil, alreadyExists("Instance Profile %s already exists.", name)
	}
	if tx.Profiles.Count(profile.Account) >= maxProfiles {
		return nil, quota("InstanceProfilesPerAccount", maxProfiles)
	}
	tx.Profiles.Put(profile.Account, name, profile)
	return profileResult{showProfile(tx, profile)}, nil
}

func getProfile(c *call, tx *directory.Tx) (any, error) {
	profile, err := c.profile(tx)
	if err != nil {
		return nil, err
	}
	return profileResult{showProfile(tx, profile)}, nil
}

func deleteProfile(c *call, tx *directory.Tx) (any, error) {
	profile, err := c.profile(tx)
	if err != nil {
		return nil, err
	}
	if profile.Role != "" {
		return nil, deleteConflict("Cannot delete entity, must remove roles from instance profile first.")
	}
	tx.Profiles.Delete(profile.Account, profile.Name)
	return nil, nil
}

type profilesResult struct {
	InstanceProfiles struct {
		Members []profileXML `xml:"member"`
	}
	page
}

func listProfiles(c *call, tx *directory.Tx) (any, error) {
	all := under(c, tx.Profiles.All(c.Caller.Account), func(p *directory.InstanceProfile) string { return p.Path })
	profiles, tail, err := paged(c, all, func(p *directory.InstanceProfile) string { return p.Name })
	result := profilesResult{page: tail}
	result.InstanceProfiles.Members = mapped(
		profiles,
		func(p *directory.InstanceProfile) profileXML { return showProfile(tx, p) },
	)
	return result, err
}

func listProfilesForRole(c *call, tx *directory.Tx) (any, error) {
	role, err := c.role(tx)
	if err != nil {
		return nil, err
	}
	var own []*directory.InstanceProfile
	for profile := range tx.Profiles.All(role.Account) {
		if profile.Role == role.Name {
			own = append(own, profile)
		}
	}
	profiles, tail, err := paged(c, slices.Values(own), func(p *directory.InstanceProfile) string { return p.Name })
	result := profilesResult{page: tail}
	result.InstanceProfiles.Members = mapped(
		profiles,
		func(p *directory.InstanceProfile) profileXML { return showProfile(tx, p) },
	)
	return result, err
}

func addRoleToProfile(c *call, tx *directory.Tx) (any, error) {
	profile, err := c.profile(tx)
	if err != nil {
		return nil, err
	}
	role, err := c.role(tx)
	if err != nil {
		return nil, err
	}
	if profile.Role != "" {
		return nil, quota("InstanceSessionsPerInstanceProfile", 1)
	}
	passed := []authz.Key{authz.K("iam:PassedToService", "ec2.amazonaws.com")}
	if err := c.decide("PassRole", role.ARN(), passed); err != nil {
		return nil, err
	}
	changed := *profile
	changed.Role = role.Name
	tx.Profiles.Put(profile.Account, profile.Name, &changed)
	return nil, nil
}

func removeRoleFromProfile(c *call, tx *directory.Tx) (any, error) {
	profile, err := c.profile(tx)
	if err != nil {
		return nil, err
	}
	if name := c.Params.Get("RoleName"); profile.Role == "" || profile.Role != name {
		return nil, noSuchEntity("Role %s is not in instance profile %s", cut(name), profile.Name)
	}
	changed := *profile
	changed.Role = ""
	tx.Profiles.Put(profile.Account, profile.Name, &changed)
	return nil, nil
}
