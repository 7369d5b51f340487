package iamapi

import (
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/directory"
)

// missing returns the condition keys that the policies test and the request
// doesn't have.
func (s *simulation) missing() []string {
	given := []string{"aws:principalarn", "aws:principalaccount", "aws:userid"}
	if s.principal.UserName != "" {
		given = append(given, "aws:username")
	}
	for _, entry := range s.entries {
		given = append(given, strings.ToLower(entry.name))
	}
	var documents []*directory.Document
	for _, source := range slices.Concat(s.identity, s.boundary) {
		documents = append(documents, source.document)
	}
	if s.resource != nil {
		documents = append(documents, s.resource)
	}
	return slices.DeleteFunc(
		conditionKeys(documents),
		func(key string) bool { return slices.Contains(given, strings.ToLower(key)) },
	)
}

// conditionKeys returns the keys that conditions of the documents test, in
// order, without duplicates.
func conditionKeys(documents []*directory.Document) []string {
	var keys []string
	for _, document := range documents {
		for _, statement := range document.Policy().Statements {
			for _, condition := range statement.Conditions {
				known := slices.ContainsFunc(
					keys,
					func(k string) bool { return strings.EqualFold(k, condition.Key.Value) },
				)
				if !known {
					keys = append(keys, condition.Key.Value)
				}
			}
		}
	}
	slices.Sort(keys)
	return keys
}

type contextKeysResult struct {
	ContextKeyNames stringsXML
}

func contextKeysForPrincipal(c *call, tx *directory.Tx) (any, error) {
	s := &simulation{}
	if err := s.fromPrincipal(c, tx); err != nil {
		return nil, err
	}
	return s.contextKeys(c)
}

func contextKeysForCustom(c *call, _ *directory.Tx) (any, error) {
	return (&simulation{}).contextKeys(c)
}

// contextKeys returns the condition keys of existing policies and of those in
// the request.
func (s *simulation) contextKeys(c *call) (any, error) {
	if err := s.fromInput(c); err != nil {
		return nil, err
	}
	var documents []*directory.Document
	for _, source := range s.identity {
		documents = append(documents, source.document)
	}
	return contextKeysResult{stringsXML{conditionKeys(documents)}}, nil
}
