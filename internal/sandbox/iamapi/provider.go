package iamapi

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/query"
)

const maxClientIDs, maxThumbprints = 100, 5

func providerARN(c *call, _ *directory.Tx) string { return c.Params.Get("OpenIDConnectProviderArn") }

func newProviderARN(c *call, _ *directory.Tx) string {
	return "arn:aws:iam::" + c.Caller.Account + ":oidc-provider/" + strings.TrimPrefix(c.Params.Get("Url"), "https://")
}

// provider returns the OpenID Connect provider in a call.
func (c *call) provider(tx *directory.Tx) (*directory.Provider, error) {
	arn := c.Params.Get("OpenIDConnectProviderArn")
	rest, ok := strings.CutPrefix(arn, "arn:aws:iam::")
	account, resource, ok2 := strings.Cut(rest, ":")
	name, ok3 := strings.CutPrefix(resource, "oidc-provider/")
	switch {
	case !ok || !ok2:
		return nil, invalid("Invalid ARN: %s", cut(arn))
	case !ok3:
		return nil, invalid("Invalid resource type in ARN")
	case account != c.Caller.Account:
		return nil, awserror.New(
			http.StatusForbidden,
			"AccessDenied",
			"User: %s is not authorized to perform this action on resource: %s",
			c.Caller.ARN,
			arn,
		)
	}
	if provider := tx.Providers.Get(account, name); provider != nil && provider.URL == name {
		return provider, nil
	}
	switch action := c.Action; {
	case strings.HasPrefix(action, "Delete"), strings.Contains(strings.ToLower(action), "tag"):
		return nil, noSuchEntity("OpenId connect Provider %s cannot be found.", cut(arn))
	default:
		return nil, noSuchEntity("OpenIDConnect Provider not found for arn %s", cut(arn))
	}
}

var hostPattern = regexp.MustCompile(`^[A-Za-z0-9.-]+$`)

// readURL returns a provider's URL without its scheme. Unlike IAM, the sandbox
// accepts any port, and plain HTTP on this machine, for the providers of tests.
func readURL(text string) (address string, insecure bool, _ error) {
	if len(text) > 255 {
		return "", false, tooLong("url", 255)
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return "", false, invalid("Invalid Open ID Connect Provider URL")
	}
	host := u.Hostname()
	local := host == "localhost" || host == "127.0.0.1" || host == "::1"
	switch {
	case u.Scheme != "https" && (!local || u.Scheme != "http"):
		return "", false, invalidInput("Invalid Open ID Connect Provider URL. The URL must begin with https://.")
	case u.RawQuery != "" || u.Fragment != "" || u.User != nil || u.Port() != "" && !local ||
		!local && !hostPattern.MatchString(host):
		return "", false, invalidInput("Invalid Open ID Connect Provider URL.")
	}
	return text[len(u.Scheme)+len("://"):], u.Scheme == "http", nil
}

func createProvider(c *call, tx *directory.Tx) (any, error) {
	text := c.Params.Get("Url")
	address, insecure, err := readURL(text)
	if err != nil {
		return nil, err
	}
	provider := &directory.Provider{
		Account: c.Caller.Account, URL: address, Insecure: insecure,
		ClientIDs: c.Params.List("ClientIDList"), Tags: c.Params.Tags("Tags"), Created: c.now,
	}
	if err := checkClientIDs(provider.ClientIDs); err != nil {
		return nil, err
	}
	if provider.Thumbprints, err = thumbprints(c); err != nil {
		return nil, err
	}
	if tx.Providers.Get(provider.Account, provider.URL) != nil {
		return nil, alreadyExists("Provider with url %s already exists.", text)
	}
	if tx.Providers.Count(provider.Account) >= maxProviders {
		return nil, quota("OpenIDConnectProvidersPerAccount", maxProviders)
	}
	tx.Providers.Put(provider.Account, provider.URL, provider)
	return struct {
		OpenIDConnectProviderArn string
		Tags                     *tagsXML `xml:",omitempty"`
	}{provider.ARN(), showTags(provider.Tags)}, nil
}

func checkClientIDs(ids []string) error {
	if len(ids) > maxClientIDs {
		return quota("ClientIdsPerOpenIdConnectProvider", maxClientIDs)
	}
	for _, id := range ids {
		if err := checkClientID(id); err != nil {
			return err
		}
	}
	return nil
}

func checkClientID(id string) error {
	if len(id) > 255 {
		return tooLong("clientID", 255)
	}
	if id == "" {
		return invalid(
			"1 validation error detected: Value at 'clientID' failed to satisfy constraint: Member must have length " +
				"greater than or equal to 1",
		)
	}
	return nil
}

// thumbprints parses a request's thumbprints. The sandbox neither fetches nor
// checks them.
func thumbprints(c *call) ([]string, error) {
	list := c.Params.List("ThumbprintList")
	if len(list) > maxThumbprints {
		return nil, invalidInput("Thumbprint list must contain fewer than %d entries.", maxThumbprints)
	}
	for i, thumbprint := range list {
		if len(thumbprint) != 40 {
			return nil, invalidInput("Thumbprint must be exactly 40 characters.")
		}
		list[i] = strings.ToLower(thumbprint)
	}
	return list, nil
}

type stringsXML struct {
	Members []string `xml:"member"`
}

func getProvider(c *call, tx *directory.Tx) (any, error) {
	provider, err := c.provider(tx)
	if err != nil {
		return nil, err
	}
	return struct {
		URL            string `xml:"Url"`
		ClientIDList   stringsXML
		ThumbprintList stringsXML
		CreateDate     string
		Tags           *tagsXML `xml:",omitempty"`
	}{
		provider.URL,
		stringsXML{provider.ClientIDs},
		stringsXML{provider.Thumbprints},
		query.Time(provider.Created),
		showTags(provider.Tags),
	}, nil
}

func deleteProvider(c *call, tx *directory.Tx) (any, error) {
	provider, err := c.provider(tx)
	if err != nil {
		return nil, err
	}
	tx.Providers.Delete(provider.Account, provider.URL)
	return nil, nil
}

type arnXML struct{ Arn string }

func listProviders(c *call, tx *directory.Tx) (any, error) {
	var result struct {
		OpenIDConnectProviderList struct {
			Members []arnXML `xml:"member"`
		}
	}
	for provider := range tx.Providers.All(c.Caller.Account) {
		result.OpenIDConnectProviderList.Members = append(
			result.OpenIDConnectProviderList.Members,
			arnXML{provider.ARN()},
		)
	}
	return result, nil
}

// changeProvider returns an operation that changes a copy of the provider.
func changeProvider(change func(c *call, p *directory.Provider) error) func(*call, *directory.Tx) (any, error) {
	return func(c *call, tx *directory.Tx) (any, error) {
		provider, err := c.provider(tx)
		if err != nil {
			return nil, err
		}
		changed := *provider
		if err := change(c, &changed); err != nil {
			return nil, err
		}
		tx.Providers.Put(provider.Account, provider.URL, &changed)
		return nil, nil
	}
}

func addClientID(c *call, p *directory.Provider) error {
	id := c.Params.Get("ClientID")
	if slices.Contains(p.ClientIDs, id) {
		return nil
	}
	p.ClientIDs = append(slices.Clone(p.ClientIDs), id)
	return checkClientIDs(p.ClientIDs)
}

func removeClientID(c *call, p *directory.Provider) error {
	id := c.Params.Get("ClientID")
	if err := checkClientID(id); err != nil {
		return err
	}
	p.ClientIDs = slices.DeleteFunc(slices.Clone(p.ClientIDs), func(have string) bool { return have == id })
	return nil
}

func updateThumbprint(c *call, p *directory.Provider) error {
	list, err := thumbprints(c)
	if err == nil && len(list) == 0 {
		err = invalidInput("Thumbprint list must contain at least one entry.")
	}
	p.Thumbprints = list
	return err
}
