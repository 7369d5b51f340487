package server

import (
	"context"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/credential"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/vending/grant"
)

// rows is the engine as datasets see it.
type rows struct{ engine.Engine }

// Size counts a dataset's rows, and estimates their bytes.
func (r rows) Size(ctx context.Context, datasetID string) (count, bytes int64, err error) {
	stats, err := r.Stats(ctx, datasetID)
	return stats.Rows, stats.Bytes, err
}

// integrationWay is integrations as sources see them.
type integrationWay struct{ *integration.Service }

// Declared returns an integration's locations.
func (w integrationWay) Declared(ctx context.Context, actor access.Actor, workspace,
	idOrName string,
) (string, []object.Location, error) {
	found, err := w.Get(ctx, actor, workspace, idOrName)
	if err == nil && found.State == integration.Removed {
		return "", nil, access.Missing("integration", idOrName)
	}
	return found.ID, append([]object.Location{}, found.Locations...), err
}

// credentialWay is access keys as sources see them.
type credentialWay struct{ *credential.Service }

// Declared returns no locations, because an access key's owner decides what
// it can access.
func (w credentialWay) Declared(ctx context.Context, actor access.Actor, workspace,
	idOrName string,
) (string, []object.Location, error) {
	found, err := w.Get(ctx, actor, workspace, idOrName)
	return found.ID, nil, err
}

// vendingWay is integrations as grants and vending see them.
type vendingWay struct {
	*integration.Service
	store *store.Store
}

// Reach returns what an integration gives access to.
func (w vendingWay) Reach(ctx context.Context, actor access.Actor, workspace, idOrName string) (grant.Reach, error) {
	found, err := w.Get(ctx, actor, workspace, idOrName)
	if err == nil && found.State == integration.Removed {
		return grant.Reach{}, access.Missing("integration", idOrName)
	}
	return grant.Reach{
		Integration: found.ID, Locations: found.Locations, Writes: found.Access == integration.ReadWrite,
		Vends: found.Vending,
	}, err
}

// Find returns an integration in any state.
func (w vendingWay) Find(ctx context.Context, workspace, id string) (integration.Integration, error) {
	return w.store.Integration(ctx, workspace, id)
}

// datasetID finds a dataset or view for a token's scope.
func (s *Server) datasetID(ctx context.Context, workspace, nameOrID string) (string, error) {
	found, err := s.store.Readable(ctx, workspace, nameOrID)
	return found.ID, err
}

// uploadLoads records the loads of uploads. The loads' service is opened after
// delivery.
type uploadLoads struct{ server *Server }

// BeginUpload calls the service.
func (l uploadLoads) BeginUpload(ctx context.Context, order load.UploadOrder) (*load.Upload, error) {
	return l.server.loads.BeginUpload(ctx, order)
}
