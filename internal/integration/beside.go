package integration

import (
	"net/url"
	"strings"
)

// Beside is what stands beside an integration's documents.
type Beside struct {
	Notes []string // what the customer must know: each a sentence or two
	// Elsewhere says that the buckets are in a store that AWS does not run, and
	// that does not share the service's own STS: a role's session opens nothing
	// there, and CloudFormation makes nothing.
	Elsewhere bool
	// LaunchURL is the address of AWS's console at which the customer makes the
	// role by CloudFormation. It is empty while there is no location, once the
	// role is known, and for a store that is not AWS.
	//
	// The External ID may be in it: it is no credential, it is useless to whoever
	// is not the service, and it stands behind the "#", which no server sees.
	LaunchURL string
	// Filled says that at LaunchURL all is filled in, by the template at
	// [Config].TemplateURL; else the page wants a template to be uploaded.
	Filled bool
}

// Beside gives what stands beside the documents.
func (s *Service) Beside(i *Integration) Beside {
	role := s.role(i)
	out := Beside{Notes: role.Notes(), Elsewhere: role.Store != ""}
	if len(i.Locations) == 0 || i.RoleARN != "" || i.State == Removed || out.Elsewhere {
		return out
	}
	address, err := role.Launch(s.config.TemplateURL, i.Region).URL()
	if err == nil { // else the documents themselves tell what is wrong
		out.LaunchURL, out.Filled = address, strings.Contains(address, "/quickcreate?")
	}
	return out
}

// elsewhere is as in [Beside].
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
