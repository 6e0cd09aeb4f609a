/** Where a workload's certificate and the roots it trusts come from: files, SDS, istiod's certificate authority, the application. */
@NullMarked
package io.inmesh.identity;

import org.jspecify.annotations.NullMarked;
