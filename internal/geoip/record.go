// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package geoip

import (
	"github.com/oschwald/maxminddb-golang/v2/mmdbdata"

	"cygnet/acl"
)

// record is what a database says of networks, as far as it tells a country:
// MaxMind and DB-IP say country and registered_country, each a map with an
// iso_code; IPinfo says country as a code, or country_code when its country is
// a name. Nothing else of it is decoded.
type record struct {
	Country    place `maxminddb:"country"`
	Registered place `maxminddb:"registered_country"`
	Code       place `maxminddb:"country_code"`
}

// code returns the record's country; empty is none. Where the addresses are
// counts before where they were registered.
func (r *record) code() string {
	for _, p := range []place{r.Country, r.Registered, r.Code} {
		if acl.IsCountry(string(p)) {
			return string(p)
		}
	}
	return ""
}

// place is a string, or the iso_code of a map.
type place string

// UnmarshalMaxMindDB reads a place. What is neither string nor map says none.
func (p *place) UnmarshalMaxMindDB(d *mmdbdata.Decoder) error {
	kind, err := d.PeekKind()
	switch {
	case err != nil:
		return err
	case kind == mmdbdata.KindString:
		s, err := d.ReadString()
		*p = place(s)
		return err
	case kind != mmdbdata.KindMap:
		return d.SkipValue()
	}
	fields, _, err := d.ReadMap()
	if err != nil {
		return err
	}
	for key, err := range fields {
		if err != nil {
			return err
		}
		if string(key) != "iso_code" {
			continue // the iterator skips what is not read
		}
		s, err := d.ReadString()
		if err != nil {
			return err
		}
		*p = place(s)
	}
	return nil
}
