/** From a cluster to one of its hosts: priorities, localities, health, weights, and the policies that choose. */
@NullMarked
package io.inmesh.balancing;

import org.jspecify.annotations.NullMarked;
