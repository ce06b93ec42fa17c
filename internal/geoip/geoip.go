// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

// Package geoip reads which prefixes belong to a country from a database in
// MaxMind's format (https://maxmind.github.io/MaxMind-DB/): GeoLite2-Country
// and -City, and those of DB-IP and IPinfo that say the country.
package geoip

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"runtime/debug"

	"github.com/oschwald/maxminddb-golang/v2"

	"cygnet/acl"
)

// Load returns the prefixes of the countries with these codes (two capital
// letters, ISO 3166-1 alpha-2) from the database at path. Each country's are
// as few as say the same, sorted, IPv4 before IPv6, with host bits clear;
// IPv4 is never written as IPv6. It fails if the file is no such database or
// is damaged, if it tells no countries, and if it has no network of one of
// them. The file is mapped while Load runs, so of a large one little stays in
// memory, and closed when it returns.
func Load(path string, codes []string) (acl.Countries, error) {
	var c acl.Countries
	err := guarded(func() error {
		db, err := open(path)
		if err != nil {
			return err
		}
		defer db.Close()
		c, err = read(db, codes)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("geoip %s: %w", path, err)
	}
	return c, nil
}

// guarded calls load, which reads a mapped file. If somebody cuts that short
// meanwhile, a read of it faults, and lengths that were checked no longer hold:
// both are an error here, where they would otherwise end the program.
func guarded(load func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		switch r := recover().(type) {
		case nil:
		case runtime.Error:
			err = fmt.Errorf("damaged, or changed while it was read: %w", r)
		default:
			panic(r)
		}
	}()
	return load()
}

// open maps the database, which must be a regular file: others may block.
func open(path string) (*maxminddb.Reader, error) {
	info, err := os.Stat(path)
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return nil, fmt.Errorf("%w, expected a MaxMind database (.mmdb)", e.Err)
	}
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a regular file, expected a MaxMind database (.mmdb)")
	}
	db, err := maxminddb.Open(path)
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return nil, e.Err // permission denied
	}
	if err != nil {
		return nil, fmt.Errorf("not a MaxMind database (.mmdb), or not a whole one: %w", err)
	}
	return db, nil
}
