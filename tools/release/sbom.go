package main

import (
	"debug/buildinfo"
	"fmt"
	"io"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	spdxjson "github.com/spdx/tools-golang/json"
	"github.com/spdx/tools-golang/spdx/v2/common"
	"github.com/spdx/tools-golang/spdx/v2/v2_3"
)

const homepage = "https://github.com/windlass-io/windlass"

// writeSBOM writes the list of a program's parts next to its file, as SPDX 2.3: the
// modules that are recorded in the program.
func writeSBOM(program, file string, o *options) error {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return err
	}
	sum, err := hashFile(file)
	if err != nil {
		return err
	}
	document := bill(info, filepath.Base(file), sum, o)
	return create(noExtension(file)+".spdx.json", func(w io.Writer) error {
		return spdxjson.Write(document, w, spdxjson.Indent(" "))
	})
}

// bill is the document of a file that has a program.
func bill(info *buildinfo.BuildInfo, file, sum string, o *options) *v2_3.Document {
	const main = common.ElementID("windlass")
	document := &v2_3.Document{
		SPDXVersion: v2_3.Version, DataLicense: v2_3.DataLicense, SPDXIdentifier: "DOCUMENT", DocumentName: file,
		DocumentNamespace: homepage + "/spdx/" + file + "-" + sum,
		CreationInfo: &v2_3.CreationInfo{
			Creators: []common.Creator{{CreatorType: "Organization", Creator: "The Windlass authors"}},
			Created:  o.at.Format(time.RFC3339),
		},
		Packages: []*v2_3.Package{{
			PackageSPDXIdentifier: main, PackageName: "windlass", PackageVersion: o.version,
			PackageFileName: file, PackageDownloadLocation: homepage,
			PackageChecksums:       []common.Checksum{{Algorithm: common.SHA256, Value: sum}},
			PackageLicenseDeclared: "Apache-2.0", PackageLicenseConcluded: "Apache-2.0",
			PackageCopyrightText: "NOASSERTION",
		}},
		Relationships: []*v2_3.Relationship{relation("DOCUMENT", common.TypeRelationshipDescribe, main)},
	}
	parts := append([]*debug.Module{{Path: "stdlib", Version: info.GoVersion}}, info.Deps...)
	for i, part := range parts {
		if part.Replace != nil {
			part = part.Replace
		}
		id := common.ElementID(fmt.Sprintf("module-%d", i))
		document.Packages = append(document.Packages, module(id, part))
		document.Relationships = append(document.Relationships, relation(main, common.TypeRelationshipContains, id))
	}
	return document
}

// module is a part of the program, named as package URLs are.
func module(id common.ElementID, m *debug.Module) *v2_3.Package {
	version := strings.TrimPrefix(m.Version, "go")
	return &v2_3.Package{
		PackageSPDXIdentifier: id, PackageName: m.Path, PackageVersion: version,
		PackageDownloadLocation: "NOASSERTION", PackageLicenseConcluded: "NOASSERTION",
		PackageLicenseDeclared: "NOASSERTION", PackageCopyrightText: "NOASSERTION",
		PackageExternalReferences: []*v2_3.PackageExternalReference{{
			Category: common.CategoryPackageManager, RefType: common.TypePackageManagerPURL,
			Locator: strings.ReplaceAll("pkg:golang/"+m.Path+"@"+version, "+", "%2B"),
		}},
	}
}

func relation(a common.ElementID, kind string, b common.ElementID) *v2_3.Relationship {
	return &v2_3.Relationship{
		RefA: common.MakeDocElementID("", string(a)), Relationship: kind, RefB: common.MakeDocElementID("", string(b)),
	}
}
