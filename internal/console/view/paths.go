// Package view has what pages of several subjects show in the same way, such as
// loads, tokens and verifications, with their templates.
package view

import (
	"embed"

	"github.com/windlass-io/windlass/internal/console/page"
)

// Parts are the templates.
//
//go:embed template
var Parts embed.FS

// IntegrationPath returns the path of an integration's page.
func IntegrationPath(id string) string { return "/sources/integrations/" + id }

// LoadPath returns the path of a load's page.
func LoadPath(id string) string { return "/loads/" + id }

// SourcePath returns the path of a data source's page.
func SourcePath(id string) string { return "/sources/data/" + id }

// CredentialCrumbs leads back to Sources › Credentials.
func CredentialCrumbs(here string) []page.Crumb {
	return []page.Crumb{{Name: "Sources"}, {Name: "Credentials", Path: "/sources/credentials"}, {Name: here}}
}
