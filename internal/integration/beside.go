package integration

import (
	"net/url"
	"strings"
)

// Beside contains additions to an integration's setup documents.
type Beside struct {
	Notes []string // for the customer, one or two sentences each
	// Elsewhere means that the buckets aren't on AWS and don't accept sessions of
	// a role.
	Elsewhere bool
	// LaunchURL opens AWS's console to create the role with CloudFormation. It is
	// empty without a location, when the role is known, and for a store other
	// than AWS.
	//
	// It may contain the External ID, which isn't a secret, in the fragment,
	// which browsers don't send.
	LaunchURL string
	// Filled means that the form at LaunchURL is filled in, with the template at
	// [Config].TemplateURL. Otherwise, the customer must upload a template.
	Filled bool
}

// Beside returns the additions to the integration's setup documents.
func (s *Service) Beside(i *Integration) Beside {
	role := s.role(i)
	out := Beside{Notes: role.Notes(), Elsewhere: role.Store != ""}
	if len(i.Locations) == 0 || i.RoleARN != "" || i.State == Removed || out.Elsewhere {
		return out
	}
	address, err := role.Launch(s.config.TemplateURL, i.Region).URL()
	if err == nil { // otherwise, rendering the documents returns the error
		out.LaunchURL, out.Filled = address, strings.Contains(address, "/quickcreate?")
	}
	return out
}

// elsewhere returns [Beside].Elsewhere.
func (s *Service) elsewhere(i *Integration) bool {
	if i.Endpoint == "" || i.Endpoint == strings.TrimSuffix(s.config.Endpoint, "/") {
		return false
	}
	u, err := url.Parse(i.Endpoint)
	if err != nil {
		return true
	}
	host := "." + strings.ToLower(u.Hostname())
	return !strings.HasSuffix(host, ".amazonaws.com") && !strings.HasSuffix(host, ".amazonaws.com.cn")
}
