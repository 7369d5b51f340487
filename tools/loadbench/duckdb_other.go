//go:build !cgo

package main

import "errors"

func loadDuckDB(string) error { return errors.New("DuckDB needs a build with a C compiler") }
