package dir

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strings"

	"github.com/windlass-io/windlass/internal/object"
)

// List returns one page of the files whose keys begin with prefix, in the order
// of their keys' bytes.
func (b *Bucket) List(ctx context.Context, prefix, cursor string, limit int) (object.Page, error) {
	after, err := hex.DecodeString(cursor)
	if err != nil {
		return object.Page{}, b.failure("ListObjectsV2", prefix, 400, "InvalidArgument",
			"The continuation token provided is incorrect", err)
	}
	w := &walker{ctx: ctx, files: b.root.FS(), prefix: prefix, after: string(after), limit: max(limit, 1)}
	if err := w.folder("."); err != nil && !errors.Is(err, fs.SkipAll) {
		return object.Page{}, fmt.Errorf("listing s3://%s/%s: %w", b.name, prefix, err)
	}
	if len(w.page.Objects) > w.limit {
		w.page.Objects = w.page.Objects[:w.limit]
		w.page.Next = hex.EncodeToString([]byte(w.page.Objects[w.limit-1].Key))
	}
	return w.page, nil
}

// walker visits files in key order. That is not the order of a plain walk:
// "a.csv" comes before "a/b.csv", because "." is less than "/".
type walker struct {
	ctx    context.Context
	files  fs.FS
	prefix string
	after  string
	limit  int
	page   object.Page
}

func (w *walker) folder(name string) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	entries, err := fs.ReadDir(w.files, name)
	if err != nil {
		return err
	}
	keys := make([]string, 0, len(entries))
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		key := path.Join(name, e.Name())
		if e.IsDir() {
			key += "/"
		}
		keys = append(keys, key)
	}
	sort.Strings(keys)
	for _, key := range keys {
		if err := w.visit(key); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) visit(key string) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	if strings.HasSuffix(key, "/") {
		wanted := strings.HasPrefix(key, w.prefix) || strings.HasPrefix(w.prefix, key)
		past := key <= w.after && !strings.HasPrefix(w.after, key)
		if !wanted || past {
			return nil
		}
		return w.folder(strings.TrimSuffix(key, "/"))
	}
	if !strings.HasPrefix(key, w.prefix) || key <= w.after {
		return nil
	}
	info, err := fs.Stat(w.files, key)
	if err != nil || !info.Mode().IsRegular() {
		return nil // deleted since, or a link out of the folder
	}
	w.page.Objects = append(w.page.Objects, describe(key, info))
	if len(w.page.Objects) > w.limit {
		return fs.SkipAll
	}
	return nil
}
