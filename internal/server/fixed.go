package server

import (
	"strconv"

	"github.com/windlass-io/windlass/internal/api"
	"github.com/windlass-io/windlass/internal/config"
	"github.com/windlass-io/windlass/internal/console"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/delivery"
	"github.com/windlass-io/windlass/internal/limit"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/tabular/cell"
	"github.com/windlass-io/windlass/internal/tabular/chunk"
	"github.com/windlass-io/windlass/internal/tabular/compress"
)

// FixedLimits returns the limits that are no settings, for windlass config show.
func FixedLimits() []config.Value {
	size := func(n int64) string { return config.Size(n).String() }
	limits := []config.Value{
		{Name: "http_target", Value: size(targetBytes), Doc: "size of a request's path and query"},
		{Name: "http_form", Value: size(console.MaxFormBytes), Doc: "size of a form of the console"},
		{Name: "login_body", Value: size(api.MaxLoginBytes), Doc: "size of a body that signs a command in"},
		{Name: "exchange_body", Value: size(api.MaxAskBytes), Doc: "size of a body that exchanges an ID token"},
		{
			Name: "http_document_timeout", Value: config.Duration(wholeBody).String(),
			Doc: "time for a document or form to arrive",
		},
		{
			Name: "http_min_rate_after", Value: config.Duration(rateGrace).String(),
			Doc: "time after which http_min_rate counts",
		},
		{
			Name: "stream_length", Value: config.Duration(limit.StreamLength).String(),
			Doc: "duration of an event stream",
		},
		{
			Name: "unknown_tokens", Value: strconv.Itoa(unknownTokens),
			Doc: "requests with an unknown API token from an address, then 5 a second",
		},
		{
			Name: "refused_ci_tokens", Value: strconv.Itoa(refusedTokens),
			Doc: "refused CI tokens from an address, then 5 a second",
		},
		{Name: "page_items", Value: strconv.Itoa(paging.MaxLimit), Doc: "items in a page of a list"},
		{Name: "read_rows", Value: strconv.Itoa(delivery.MaxRows), Doc: "rows that a read returns for a key"},
		{Name: "read_pairs", Value: strconv.Itoa(delivery.MaxPairs), Doc: "pairs of a dataset and a key in a read"},
		{Name: "columns", Value: strconv.Itoa(dataset.MaxColumns), Doc: "columns of a dataset"},
		{Name: "name_bytes", Value: strconv.Itoa(dataset.MaxName), Doc: "length of a dataset's name"},
		{Name: "key_bytes", Value: strconv.Itoa(cell.MaxIndexBytes), Doc: "length of a key or subkey"},
		{
			Name: "reject_text", Value: strconv.Itoa(chunk.MaxValueChars),
			Doc: "stored characters of a rejected value",
		},
		{
			Name: "unpack_ratio", Value: strconv.Itoa(compress.MaxRatio),
			Doc: "unpacked bytes for each stored byte, after " + size(compress.FreeBytes),
		},
	}
	for i := range limits {
		limits[i].Origin = config.Fixed
	}
	return limits
}
