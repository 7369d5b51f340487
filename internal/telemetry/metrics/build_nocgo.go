//go:build !cgo

package metrics

const cgo = "false"
