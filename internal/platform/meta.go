package platform

import (
	"net/http"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/delivery"
)

func (p *Platform) metaRoutes() []Route {
	routes := []Route{
		{
			ID: "platform-meta", Method: http.MethodGet, Path: "/v1/meta", Summary: "The datasets",
			Handle: answering(p.metaDatasets),
		},
		{
			ID: "platform-meta-workspace", Method: http.MethodGet, Path: "/v1/meta/{ws}", Summary: "The datasets",
			Handle: answering(p.metaDatasets),
		},
		{
			ID: "platform-meta-dataset", Method: http.MethodGet, Path: "/v1/meta/{ws}/{dataset}",
			Summary: "The keys of a dataset", Handle: answering(p.metaKeys),
		},
		{
			ID: "platform-meta-key", Method: http.MethodGet, Path: "/v1/meta/{ws}/{dataset}/{key}",
			Summary: "The subkeys of a key", Handle: answering(p.metaKeys),
		},
		{
			ID: "platform-meta-subkey", Method: http.MethodGet, Path: "/v1/meta/{ws}/{dataset}/{key}/{subkey}",
			Summary: "One subkey of a key", Handle: answering(p.metaKeys),
		},
	}
	for i := range routes {
		routes[i].Tag = tag
		routes[i].Query = []Parameter{
			{"limit", "integer", "Maximum number of items."},
			{"offset", "integer", "Items to skip."},
			{"schema", "boolean", "Has no effect."},
			{"force", "boolean", "Has no effect."},
			{"filter", "", "Has no effect."},
			{"format", "", "Has no effect."},
		}
	}
	return routes
}

// metaDataset is a dataset in the inventory.
type metaDataset struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

func (p *Platform) metaDatasets(r *http.Request, call Call) (any, error) {
	return listOf(r, call, p.config.Datasets.List, func(d dataset.Dataset) time.Time { return d.CreatedAt },
		func(d dataset.Dataset) metaDataset { return metaDataset{d.Name, d.Title} })
}

// metaKey is a key or subkey in the inventory.
type metaKey struct {
	Key     string `json:"key"`
	Subkey  string `json:"subkey,omitempty"`
	Records int64  `json:"records"`
}

func (p *Platform) metaKeys(r *http.Request, call Call) (any, error) {
	wanted, err := parseListing(r)
	if err != nil {
		return nil, err
	}
	counted, err := p.config.Delivery.Keys(r.Context(), call.Actor, call.Workspace, delivery.KeysRequest{
		Dataset: r.PathValue("dataset"), Key: r.PathValue("key"), Subkey: r.PathValue("subkey"),
		Limit: wanted.limit, Offset: wanted.offset,
	})
	if err != nil {
		return nil, err
	}
	out := make([]metaKey, len(counted))
	for i, c := range counted {
		out[i] = metaKey{c.Key, c.Subkey, c.Rows}
	}
	return out, nil
}
