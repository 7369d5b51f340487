package integration

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/setup/aws"
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
	out := Beside{Notes: s.notes(i), Elsewhere: s.elsewhere(i)}
	if len(i.Locations) == 0 || i.RoleARN != "" || i.State == Removed || out.Elsewhere {
		return out
	}
	address, err := aws.Launch{
		TemplateURL: s.config.TemplateURL, Region: i.Region, RoleName: i.roleName(), Trust: i.trust(), Need: i.Need(),
	}.URL()
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

// notes are as in [Beside].
func (s *Service) notes(i *Integration) []string {
	var notes []string
	if s.elsewhere(i) {
		notes = append(notes, i.Endpoint+" is not AWS, and a session of an AWS role opens nothing there: give this policy to a user of the store, and Windlass the user's access key (Sources > Credentials > Add access key).")
	}
	if partition := i.partition(); partition != generate.AWS && !s.elsewhere(i) {
		notes = append(notes, fmt.Sprintf("The account is one of the partition %s: sign in there, and let commands and stacks run in one of its regions, such as %s.", partition, aws.DefaultRegion(partition)))
	}
	if i.RequesterPays {
		notes = append(notes, `Requester pays: Windlass sends "x-amz-request-payer: requester" with each request, so the account that the role or user is in pays for the requests and the data. The bucket's owner, when that is another account, must let it in by the bucket's policy.`)
	}
	if len(i.KMSKeyARNs) > 0 && !s.elsewhere(i) {
		notes = append(notes, "KMS: a key's own policy decides as well. The default one lets the policies of the key's account decide; a key of another account must name the role for kms:Decrypt"+i.encrypts()+".")
	}
	if i.SessionLength > time.Hour && !s.elsewhere(i) {
		notes = append(notes, fmt.Sprintf("Sessions of %d minutes: the maximum session duration of the role must be as long (on its page in IAM under Edit, or aws iam update-role --role-name %s --max-session-duration %d).",
			int(i.SessionLength.Minutes()), i.roleName(), int(i.SessionLength.Seconds())))
	}
	return notes
}

// encrypts names what a writer does with a key besides decrypting.
func (i *Integration) encrypts() string {
	if i.Access == ReadWrite {
		return " and kms:GenerateDataKey"
	}
	return ""
}
