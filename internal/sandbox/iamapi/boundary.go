package iamapi

import (
	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
)

// boundaryOperations adds the calls on the permissions boundary of a user or a
// role.
func (b bearer) boundaryOperations(table map[string]operation) {
	table["Put"+b.Kind+"PermissionsBoundary"] = operation{true, b.resource, boundaryKeys, b.putBoundary}
	table["Delete"+b.Kind+"PermissionsBoundary"] = operation{true, b.resource, b.boundaryOf, b.deleteBoundary}
}

func boundaryKeys(c *call, _ *directory.Tx) []authz.Key {
	return []authz.Key{authz.K("iam:PermissionsBoundary", c.Params.Get("PermissionsBoundary"))}
}

func (b bearer) boundaryOf(c *call, tx *directory.Tx) []authz.Key {
	identity, err := b.get(c, tx)
	if err != nil || identity.Boundary == "" {
		return nil
	}
	return []authz.Key{authz.K("iam:PermissionsBoundary", identity.Boundary)}
}

// checkBoundary rejects a permissions boundary that doesn't exist or belongs
// to another account.
func (c *call) checkBoundary(tx *directory.Tx, arn string) error {
	if policy := tx.PolicyByARN(arn); policy == nil || policy.Account != c.Caller.Account && policy.Account != "aws" {
		return noSuchEntity("Scope ARN: %s does not exist or is not attachable.", cut(arn))
	}
	return nil
}

func (b bearer) putBoundary(c *call, tx *directory.Tx) (any, error) {
	identity, err := b.get(c, tx)
	if err != nil {
		return nil, err
	}
	arn := c.Params.Get("PermissionsBoundary")
	if err := c.checkBoundary(tx, arn); err != nil {
		return nil, err
	}
	changed := *identity
	changed.Boundary = arn
	b.put(tx, &changed)
	return nil, nil
}

func (b bearer) deleteBoundary(c *call, tx *directory.Tx) (any, error) {
	identity, err := b.get(c, tx)
	if err != nil {
		return nil, err
	}
	if identity.Boundary == "" {
		return nil, noSuchEntity(
			"The %s with name %s does not have a permissions boundary.",
			lowerFirst(b.Kind),
			identity.Name,
		)
	}
	changed := *identity
	changed.Boundary = ""
	b.put(tx, &changed)
	return nil, nil
}
