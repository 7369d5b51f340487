package source

import (
	"context"
	"strings"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
)

// MaxObjects is the largest limit of [Service.Objects].
const MaxObjects = 1000

// Object is an object of the source's bucket.
type Object struct {
	Info    object.Info
	Matched bool
	Match   Match
	Reason  string              // why it doesn't match; empty if it does
	Entry   *engine.LedgerEntry // of this version; nil if it wasn't loaded
}

// Objects lists the bucket's objects with a prefix; by default, the pattern's
// prefix. It returns whether each object matches, and its ledger entry. next is
// empty at the end.
func (s *Service) Objects(
	ctx context.Context, actor access.Actor, workspace, idOrName, prefix, cursor string, limit int,
) (objects []Object, next string, err error) {
	if err := s.check(ctx, actor, access.SourceObjects, workspace, idOrName); err != nil {
		return nil, "", err
	}
	if limit < 1 || limit > MaxObjects {
		return nil, "", problem.New(problem.Invalid, "The limit is %d. Use a number from 1 to %d.", limit, MaxObjects)
	}
	src, err := s.config.Store.Source(ctx, workspace, idOrName)
	if err != nil {
		return nil, "", err
	}
	pattern, err := src.ParsePattern()
	if err != nil {
		return nil, "", err
	}
	bucket, err := s.Bucket(ctx, actor, src)
	if err != nil {
		return nil, "", err
	}
	if prefix == "" {
		prefix = pattern.Prefix()
	}
	listed, err := bucket.List(ctx, prefix, cursor, limit)
	if err != nil {
		return nil, "", object.Refusal(err)
	}
	objects, err = s.describe(ctx, src, pattern, listed.Objects)
	return objects, listed.Next, err
}

// BucketOrder names objects of a bucket that has no source.
type BucketOrder struct {
	IntegrationID, CredentialID string // exactly one
	Bucket, Prefix, Cursor      string
	Limit                       int
}

// BucketObjects lists the objects of a bucket with a prefix, which a location of the
// integration must cover. next is empty at the end.
func (s *Service) BucketObjects(ctx context.Context, actor access.Actor, workspace string, order BucketOrder) (
	objects []object.Info, next string, err error,
) {
	if err := s.check(ctx, actor, access.SourcePreview, workspace, ""); err != nil {
		return nil, "", err
	}
	if order.Limit < 1 || order.Limit > MaxObjects {
		return nil, "", problem.New(
			problem.Invalid,
			"The limit is %d. Use a number from 1 to %d.",
			order.Limit,
			MaxObjects,
		)
	}
	src := Source{
		Workspace: workspace, Name: order.Bucket, IntegrationID: order.IntegrationID, CredentialID: order.CredentialID,
		Bucket: order.Bucket, Pattern: Escape(order.Prefix) + "?*",
	}
	if err := s.complete(ctx, actor, &src); err != nil {
		return nil, "", err
	}
	bucket, err := s.Bucket(ctx, actor, src)
	if err != nil {
		return nil, "", err
	}
	listed, err := bucket.List(ctx, order.Prefix, order.Cursor, order.Limit)
	if err != nil {
		return nil, "", object.Refusal(err)
	}
	return listed.Objects, listed.Next, nil
}

// Escape returns the pattern that only matches this text.
func Escape(text string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`, "{", `\{`).Replace(text)
}

func (s *Service) describe(ctx context.Context, src Source, pattern Pattern, listed []object.Info) ([]Object, error) {
	versions := make([]engine.ObjectVersion, len(listed))
	for i, info := range listed {
		versions[i] = engine.ObjectVersion{Key: info.Key, Version: VersionOf(info)}
	}
	entries, err := s.config.Ledger.Recorded(ctx, src.ID, "", versions)
	if err != nil {
		return nil, err
	}
	known := make(map[engine.ObjectVersion]*engine.LedgerEntry, len(entries))
	for i := range entries { // the latest entry, if several datasets loaded it
		known[entries[i].Object] = &entries[i]
	}
	objects := make([]Object, 0, len(listed))
	err = pattern.MatchEach(ctx, listed, func(info object.Info, match Match, reason string) {
		entry := known[versions[len(objects)]]
		objects = append(objects, Object{
			Info: info, Matched: match == Matched, Match: match, Reason: reason,
			Entry: entry,
		})
	})
	return objects, err
}

// VersionOf returns the version of an object in the ledger: its ETag. Listings
// have no version IDs.
func VersionOf(info object.Info) string { return info.ETag }
