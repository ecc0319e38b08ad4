// SPDX-License-Identifier: Apache-2.0
// Boost.JSON, compiled once: the library is not packaged apart from its headers here.
#include <boost/json/src.hpp>
