package dir

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"

	"github.com/windlass-io/windlass/internal/object"
)

// Read opens a file, or a part of it.
func (b *Bucket) Read(ctx context.Context, key string, options object.ReadOptions) (io.ReadCloser, object.Info, error) {
	if err := ctx.Err(); err != nil {
		return nil, object.Info{}, fmt.Errorf("reading s3://%s/%s: %w", b.name, key, err)
	}
	if !valid(key) {
		return nil, object.Info{}, b.missing(key, nil)
	}
	file, err := b.root.Open(key)
	if err != nil {
		return nil, object.Info{}, b.refusal("GetObject", key, err)
	}
	info, err := b.part(file, key, options)
	if err != nil {
		return nil, object.Info{}, errors.Join(err, file.Close())
	}
	length := info.Size - options.Offset
	if options.Length > 0 {
		length = min(length, options.Length)
	}
	return &reader{Reader: io.LimitReader(file, length), file: file, ctx: ctx}, info, nil
}

// part describes the file and seeks to the requested part.
func (b *Bucket) part(file *os.File, key string, options object.ReadOptions) (object.Info, error) {
	stat, err := file.Stat()
	if err != nil {
		return object.Info{}, err
	}
	if !stat.Mode().IsRegular() {
		return object.Info{}, b.missing(key, nil)
	}
	info := describe(key, stat)
	if options.IfMatch != "" && options.IfMatch != info.ETag {
		return object.Info{}, b.failure("GetObject", key, 412, "PreconditionFailed",
			"At least one of the pre-conditions you specified did not hold", nil)
	}
	if options.Offset > 0 && options.Offset >= info.Size || options.Length > 0 && info.Size == 0 {
		return object.Info{}, b.failure("GetObject", key, 416, "InvalidRange", "The requested range is not satisfiable",
			nil)
	}
	_, err = file.Seek(options.Offset, io.SeekStart)
	return info, err
}

type reader struct {
	io.Reader
	file *os.File
	ctx  context.Context
}

// Read reads the next bytes, until the context of the read ends.
func (r *reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}

// Close closes the file.
func (r *reader) Close() error { return r.file.Close() }

// describe returns a file's metadata. It derives the ETag from size and
// modification time, so that it needn't read the file.
func describe(key string, stat fs.FileInfo) object.Info {
	return object.Info{
		Key:      key,
		Size:     stat.Size(),
		ETag:     fmt.Sprintf("%x-%x", stat.ModTime().UnixNano(), stat.Size()),
		Modified: stat.ModTime().UTC(),
	}
}

// Put writes a file atomically.
func (b *Bucket) Put(ctx context.Context, key string, body []byte) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("writing s3://%s/%s: %w", b.name, key, err)
	}
	if !valid(key) {
		return b.failure("PutObject", key, 400, "InvalidArgument", "A folder can't store this key", nil)
	}
	folder := path.Dir(key)
	if err := b.root.MkdirAll(folder, 0o750); err != nil {
		return b.refusal("PutObject", key, err)
	}
	// The dot keeps the unfinished file out of listings.
	unfinished := path.Join(folder, ".unfinished-"+path.Base(key))
	if err := b.root.WriteFile(unfinished, body, 0o600); err != nil {
		return b.refusal("PutObject", key, err)
	}
	if err := b.root.Rename(unfinished, key); err != nil {
		return b.refusal("PutObject", key, err)
	}
	return nil
}

// Delete removes a file. A missing file isn't an error.
func (b *Bucket) Delete(ctx context.Context, key string) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("deleting s3://%s/%s: %w", b.name, key, err)
	}
	if !valid(key) {
		return nil
	}
	if err := b.root.Remove(key); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return b.refusal("DeleteObject", key, err)
	}
	return nil
}

func (b *Bucket) missing(key string, cause error) *object.Failure {
	return b.failure("GetObject", key, 404, "NoSuchKey", "The specified key does not exist.", cause)
}

// refusal converts an error of the file system to the one that S3 would return.
func (b *Bucket) refusal(operation, key string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return b.failure(operation, key, 404, "NoSuchKey", "The specified key does not exist.", err)
	case errors.Is(err, fs.ErrPermission):
		return b.failure(operation, key, 403, "AccessDenied", "Access Denied", err)
	}
	return b.failure(operation, key, 500, "InternalError", err.Error(), err)
}
