-- What the nursery keeps. make_shop.py puts it before the rows of data/shop.sql.
CREATE TABLE customers (customer_id TEXT PRIMARY KEY, name TEXT, email TEXT, city TEXT);
CREATE TABLE frosts (town TEXT PRIMARY KEY, last_frost TEXT);
CREATE TABLE products (sku TEXT PRIMARY KEY, name TEXT, price_cents INTEGER, stock INTEGER);
CREATE TABLE orders (order_id TEXT PRIMARY KEY, customer_id TEXT, placed TEXT, status TEXT, total_cents INTEGER);
CREATE TABLE order_lines (order_id TEXT, sku TEXT, quantity INTEGER, price_cents INTEGER);
CREATE TABLE shipments (order_id TEXT PRIMARY KEY, state TEXT, promised TEXT, delivered TEXT, updated TEXT);
CREATE TABLE messages (message_id TEXT PRIMARY KEY, order_id TEXT, received TEXT, text TEXT);
CREATE TABLE refunds (order_id TEXT, amount_cents INTEGER, reason TEXT);
CREATE TABLE replacements (order_id TEXT, sku TEXT, quantity INTEGER);
CREATE TABLE escalations (customer_id TEXT, order_id TEXT, reason TEXT);
CREATE TABLE outbox (customer_id TEXT, text TEXT);
-- One row per change that was made, written in the same transaction: a change is made once.
CREATE TABLE effects (key TEXT PRIMARY KEY, tool TEXT, result TEXT);
