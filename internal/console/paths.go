package console

func integrationPath(id string) string { return "/sources/integrations/" + id }

func loadPath(id string) string { return "/loads/" + id }

func sourcePath(id string) string { return "/sources/data/" + id }

// credentialCrumbs leads back to Sources › Credentials.
func credentialCrumbs(here string) []crumb {
	return []crumb{{Name: "Sources"}, {"Credentials", "/sources/credentials"}, {Name: here}}
}
