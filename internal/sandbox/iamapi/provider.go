package iamapi

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/query"
)

const maxClientIDs, maxThumbprints = 100, 5

var thumbprintPattern = regexp.MustCompile(`^[0-9A-Fa-f]{40}$`)

func providerARN(c *Call, _ *directory.Tx) string { return c.Params.Get("OpenIDConnectProviderArn") }

func newProviderARN(c *Call, _ *directory.Tx) string {
	return "arn:aws:iam::" + c.Caller.Account + ":oidc-provider/" + strings.TrimPrefix(c.Params.Get("Url"), "https://")
}

// provider gives the OpenID Connect provider that a call names.
func (c *Call) provider(tx *directory.Tx) (*directory.Provider, error) {
	arn := c.Params.Get("OpenIDConnectProviderArn")
	if !strings.HasPrefix(arn, "arn:aws:iam::") {
		return nil, invalidInput("Invalid ARN: %s", cut(arn))
	}
	name, own := strings.CutPrefix(arn, "arn:aws:iam::"+c.Caller.Account+":oidc-provider/")
	if own {
		if provider := tx.Providers.Get(c.Caller.Account, name); provider != nil {
			return provider, nil
		}
	}
	return nil, noSuchEntity("OpenIDConnect Provider not found for arn %s", cut(arn))
}

func createProvider(c *Call, tx *directory.Tx) (any, error) {
	text := c.Params.Get("Url")
	address, err := url.Parse(text)
	if err != nil || address.Host == "" || len(text) > 255 {
		return nil, invalidInput("Invalid Open ID Connect Provider URL")
	}
	// The sandbox takes providers on this machine that have no certificate.
	local := address.Scheme == "http" && (address.Hostname() == "localhost" || address.Hostname() == "127.0.0.1" || address.Hostname() == "::1")
	if address.Scheme != "https" && !local || address.RawQuery != "" || address.Fragment != "" || address.User != nil {
		return nil, invalidInput("Invalid Open ID Connect Provider URL")
	}
	provider := &directory.Provider{
		Account: c.Caller.Account, URL: strings.TrimSuffix(text[len(address.Scheme)+3:], "/"), Insecure: local,
		ClientIDs: c.Params.List("ClientIDList"), Thumbprints: c.Params.List("ThumbprintList"), Tags: c.Params.Tags("Tags"), Created: c.now,
	}
	if err := checkTags(provider.Tags); err != nil {
		return nil, err
	}
	if err := checkClientIDs(provider.ClientIDs); err != nil {
		return nil, err
	}
	if err := checkThumbprints(provider.Thumbprints); err != nil {
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
		if id == "" || len(id) > 255 {
			return invalid("1 validation error detected: Value '%s' at 'clientID' failed to satisfy constraint: Member must have length between 1 and 255", cut(id))
		}
	}
	return nil
}

func checkThumbprints(list []string) error {
	if len(list) > maxThumbprints {
		return invalidInput("Thumbprint list must contain fewer than %d entries.", maxThumbprints)
	}
	for _, thumbprint := range list {
		if !thumbprintPattern.MatchString(thumbprint) {
			return invalid("1 validation error detected: Value '%s' at 'thumbprintList' failed to satisfy constraint: Member must have length of 40 hexadecimal characters", cut(thumbprint))
		}
	}
	return nil
}

type stringsXML struct {
	Members []string `xml:"member"`
}

func getProvider(c *Call, tx *directory.Tx) (any, error) {
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
	}{provider.URL, stringsXML{provider.ClientIDs}, stringsXML{provider.Thumbprints}, query.Time(provider.Created), showTags(provider.Tags)}, nil
}

func deleteProvider(c *Call, tx *directory.Tx) (any, error) {
	provider, err := c.provider(tx)
	if err != nil {
		return nil, err
	}
	tx.Providers.Delete(provider.Account, provider.URL)
	return nil, nil
}

type arnXML struct{ Arn string }

func listProviders(c *Call, tx *directory.Tx) (any, error) {
	var result struct {
		OpenIDConnectProviderList struct {
			Members []arnXML `xml:"member"`
		}
	}
	for provider := range tx.Providers.All(c.Caller.Account) {
		result.OpenIDConnectProviderList.Members = append(result.OpenIDConnectProviderList.Members, arnXML{provider.ARN()})
	}
	return result, nil
}

// changeProvider makes an operation that changes a copy of the provider.
func changeProvider(change func(c *Call, p *directory.Provider) error) func(*Call, *directory.Tx) (any, error) {
	return func(c *Call, tx *directory.Tx) (any, error) {
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

func addClientID(c *Call, p *directory.Provider) error {
	id := c.Params.Get("ClientID")
	if slices.Contains(p.ClientIDs, id) {
		return nil
	}
	p.ClientIDs = append(slices.Clone(p.ClientIDs), id)
	return checkClientIDs(p.ClientIDs)
}

func removeClientID(c *Call, p *directory.Provider) error {
	id := c.Params.Get("ClientID")
	p.ClientIDs = slices.DeleteFunc(slices.Clone(p.ClientIDs), func(have string) bool { return have == id })
	return nil
}

func updateThumbprint(c *Call, p *directory.Provider) error {
	p.Thumbprints = c.Params.List("ThumbprintList")
	return checkThumbprints(p.Thumbprints)
}
