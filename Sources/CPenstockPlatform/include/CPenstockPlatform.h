// What Linux offers and Foundation does not: child processes that die with their parent.
#pragma once
