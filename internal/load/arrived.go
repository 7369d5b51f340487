package load

import (
	"context"
	"slices"

	"github.com/windlass-io/windlass/internal/object"
)

// addWaiting adds the objects that arrived. Nothing is listed.
func (p *pass) addWaiting(ctx context.Context, plan *Plan) error {
	waiting, err := p.config.Waiting.WaitingObjects(ctx, p.source.ID, MaxObjects)
	if err != nil {
		return err
	}
	if p.again { // an object may have changed since it was looked up
		if waiting, err = p.lookUp(ctx, waiting); err != nil {
			return err
		}
	}
	for page := range slices.Chunk(waiting, listPage) {
		if err := p.addPage(ctx, plan, page); err != nil {
			return err
		}
	}
	return nil
}

// lookUp returns objects as the bucket has them now, without those that are gone.
func (p *pass) lookUp(ctx context.Context, waiting []object.Info) ([]object.Info, error) {
	var found []object.Info
	for _, info := range waiting {
		page, err := p.bucket.List(ctx, info.Key, "", 1)
		if err != nil {
			return nil, bucketRefusal(err)
		}
		if len(page.Objects) > 0 && page.Objects[0].Key == info.Key {
			found = append(found, page.Objects[0])
		}
	}
	return found, nil
}
